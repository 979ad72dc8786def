"""Candidates, and the codes that are sent to them."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ..encryption import EncryptedTextField
from ..enums import CodePurpose, Level, Track
from .accounts import User
from .naming import CODE
from .places import Site
from .sessions import ExamSession


class Candidate(models.Model):
    """考生: one person's registration in one session, loaded from the roster.

    The account's user name is the registration number. ``consent_version`` names the privacy
    notice that was agreed to on activation.
    """

    user = models.OneToOneField(User, models.PROTECT, related_name="candidate", verbose_name=_("account"))
    session = models.ForeignKey(
        ExamSession, models.PROTECT, related_name="candidates", verbose_name=_("session"), db_index=False
    )
    site = models.ForeignKey(Site, models.PROTECT, related_name="candidates", verbose_name=_("site"))
    registration_number = models.CharField(_("registration number"), max_length=40, unique=True, validators=[CODE])
    name = models.CharField(_("name"), max_length=100)
    id_number = EncryptedTextField(_("ID number"))
    id_number_hash = models.CharField(max_length=64, editable=False)
    phone = EncryptedTextField(_("phone"))
    phone_corrected_at = models.DateTimeField(_("phone corrected by staff"), null=True, editable=False)
    email = EncryptedTextField(_("email"), blank=True)
    track = models.CharField(_("track"), max_length=20, choices=Track.choices)
    level = models.CharField(_("level"), max_length=20, choices=Level.choices)
    flags = ArrayField(models.CharField(max_length=40), verbose_name=_("flags"), default=list, blank=True)
    activated_at = models.DateTimeField(_("activated"), null=True, editable=False)
    # For texts that leave the portal: of the page on which the account was activated, then as switched since.
    language = models.CharField(_("language"), max_length=10, blank=True, editable=False)
    consent_version = models.CharField(_("privacy notice agreed to"), max_length=20, blank=True, editable=False)
    # Since when nothing here says who it was; what was personal is gone and never comes back (services/erasure.py).
    erased_at = models.DateTimeField(_("personal data removed"), null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("candidate")
        verbose_name_plural = _("candidates")
        ordering: ClassVar = ["registration_number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "id_number_hash"], name="candidate_person_once_in_session"),
            models.CheckConstraint(condition=Q(track__in=Track.values), name="candidate_track_is_known"),
            models.CheckConstraint(condition=Q(level__in=Level.values), name="candidate_level_is_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["session", "site", "registration_number"], name="candidate_by_site"),
            models.Index(fields=["id_number_hash"], name="candidate_by_id_number"),
            # For the beginning of a name; the number's beginning is found in the index that makes it unique.
            models.Index(fields=["name"], opclasses=["varchar_pattern_ops"], name="candidate_by_name"),
            models.Index(
                fields=["site", "name"], opclasses=["int8_ops", "varchar_pattern_ops"], name="candidate_of_site_by_name"
            ),
            models.Index(fields=["session", "site"], condition=Q(activated_at=None), name="candidate_not_activated"),
            models.Index(fields=["session"], condition=Q(erased_at__isnull=False), name="candidate_erased"),
        ]

    def __str__(self) -> str:
        return f"{self.registration_number} {self.name}".rstrip()


class OneTimeCode(models.Model):
    """A code sent to a phone, for one purpose, kept as a keyed hash; without a candidate: asked for, and none sent."""

    candidate = models.ForeignKey(Candidate, models.CASCADE, null=True, related_name="codes")
    purpose = models.CharField(max_length=20, choices=CodePurpose.choices, default=CodePurpose.ACTIVATION)
    account_hash = models.CharField(max_length=64, blank=True)
    typed_number = EncryptedTextField(blank=True)
    ip_address = models.GenericIPAddressField(null=True)  # what limits count as one (rules.network_of)
    code_hash = models.CharField(max_length=64, blank=True)
    sent_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)  # used, or void

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(tries__lte=5, purpose__in=CodePurpose.values), name="code_is_sound")
        ]
        indexes: ClassVar = [
            models.Index(fields=["account_hash", "sent_at"], name="code_by_account"),
            models.Index(fields=["sent_at"], name="code_by_time"),
        ]
