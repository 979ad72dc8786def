"""The choices of this app (docs/product.md, rules 6 to 8)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Outcome(TextChoices):
    """What a reviewer decides when finishing, or with one item."""

    PASS = "pass", _("Pass")
    RETURN = "return", _("Return for correction")
    REJECT = "reject", _("Reject")
    SEND_BACK = "send_back", _("Send back to the site")
    UNLOCK = "unlock", _("Unlock one item")


class Progress(TextChoices):
    """Where an application is, as the progress page counts it. Each is in one of them, COMPLETE ones in DRAFT too."""

    NOT_ACTIVATED = "not_activated", _("Not activated")
    DRAFT = "draft", _("Draft")
    COMPLETE = "complete", _("Draft, complete but not submitted")
    AT_SITE = "at_site", _("Waiting at the site")
    AT_REGION = "at_region", _("Waiting at the region")
    RETURNED = "returned", _("Returned for correction")
    PASSED = "passed", _("Passed")
    REJECTED = "rejected", _("Rejected")


class Opinion(TextChoices):
    """What a second reviewer says of one item."""

    FINE = "fine", _("Fine")
    CHANGE = "change", _("I would have asked for a change")
