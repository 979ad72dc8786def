"""The choices of this app (docs/product.md, "Words" and "States of an application")."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Status(TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    RETURNED = "returned", _("Returned for correction")
    PASSED = "passed", _("Passed")
    REJECTED = "rejected", _("Rejected")


class Stage(TextChoices):
    """Whose turn it is while an application is submitted."""

    SITE = "site", _("Site")
    REGION = "region", _("Region")


class Verdict(TextChoices):
    PENDING = "pending", _("Pending")
    ACCEPTED = "accepted", _("Accepted")
    CHANGE_REQUESTED = "change_requested", _("Change requested")


class Requirement(TextChoices):
    REQUIRED = "required", _("Required")
    OPTIONAL = "optional", _("Optional")
    OFF = "off", _("Off")


class ReasonUse(TextChoices):
    CHANGE = "change", _("Asking for a change")
    REJECT = "reject", _("Rejecting")


class Turn(TextChoices):
    """A quarter of a turn."""

    LEFT = "left", _("Turn left")
    RIGHT = "right", _("Turn right")


class PictureFormat(TextChoices):
    JPEG = "jpeg", "JPEG"
    PNG = "png", "PNG"
    HEIC = "heic", "HEIC"
