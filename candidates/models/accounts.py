"""Accounts: who signs in, with which role, at which place."""

from typing import ClassVar

from django.contrib.auth import get_backends
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ..enums import Role
from .places import Region, Site


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=username)

    def create_superuser(self, username: str, password: str | None = None) -> "User":
        """What ``manage.py createsuperuser`` calls: the first administrator of an installation."""
        user = User(username=username, role=Role.ADMINISTRATOR)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """An account. Its role and place say what it may do (candidates/rules.py)."""

    username = models.CharField(_("user name"), max_length=150, unique=True)
    name = models.CharField(_("name"), max_length=100, blank=True)
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, verbose_name=_("region"))
    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, verbose_name=_("site"))
    is_active = models.BooleanField(_("active"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    USERNAME_FIELD = "username"
    objects = UserManager()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering: ClassVar = ["username"]
        # The list of accounts is one of staff: a few among a million candidates'.
        indexes: ClassVar = [
            models.Index(fields=["username"], condition=~Q(role=Role.CANDIDATE), name="user_of_staff"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="user_role_is_known"),
            models.CheckConstraint(
                condition=(
                    Q(role__in=[Role.CANDIDATE, Role.ADMINISTRATOR], region=None, site=None)
                    | Q(role=Role.SITE_REVIEWER, region__isnull=False, site__isnull=False)
                    | Q(
                        role__in=[Role.REGION_REVIEWER, Role.REGION_STAFF, Role.REGION_LEAD],
                        region__isnull=False,
                        site=None,
                    )
                ),
                name="user_place_fits_role",
                violation_error_message=_(
                    "A site reviewer needs a region and a site; region reviewers and regional staff need a region "
                    "and no site; an administrator has neither."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.username

    @property
    def is_staff(self) -> bool:
        """Whether this account may enter the Django admin."""
        return self.is_active and self.role != Role.CANDIDATE

    @property
    def is_superuser(self) -> bool:
        return self.is_active and self.role == Role.ADMINISTRATOR

    def has_perm(self, perm: str, obj: models.Model | None = None) -> bool:
        """What the Django admin asks of an account; the answer is the backend's (candidates/backends.py)."""
        backends = (backend for backend in get_backends() if hasattr(backend, "has_perm"))
        return any(backend.has_perm(self, perm) for backend in backends)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff
