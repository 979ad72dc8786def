"""Exam regions and their sites."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from .naming import CODE, Named


class Region(Named):
    """考区: an exam region."""

    code = models.CharField(_("code"), max_length=20, unique=True, validators=[CODE])
    time_zone = models.CharField(_("time zone"), max_length=50, default="Asia/Shanghai")
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        ordering: ClassVar = ["code"]


class Site(Named):
    """考点: an exam site of a region; first-stage review happens here."""

    region = models.ForeignKey(Region, models.PROTECT, related_name="sites", verbose_name=_("region"))
    code = models.CharField(_("code"), max_length=20, validators=[CODE])
    contact = models.CharField(_("contact"), max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering: ClassVar = ["region", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["region", "code"],
                name="site_code_once_in_region",
                violation_error_message=_("This region already has a site with this code. Choose another code."),
            )
        ]
