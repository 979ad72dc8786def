"""What happened, by whom, when."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..enums import Action
from .accounts import User
from .people import Candidate
from .places import Region, Site
from .sessions import ExamSession


class Event(models.Model):
    """What happened, by whom, when, from where. Can be added and never altered or removed:
    the database refuses it (candidates/migrations/0002_append_only.py).

    ``facts`` holds codes, counts and states, never an ID number, a phone number or a picture. The few that people
    write, and network addresses, go with the candidate's personal data (the migration "erasure" of candidates).
    """

    at = models.DateTimeField(_("when"), default=timezone.now)
    action = models.CharField(_("what"), max_length=30, choices=Action.choices)
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("who"))
    candidate = models.ForeignKey(
        Candidate, models.PROTECT, null=True, related_name="events", verbose_name=_("candidate")
    )
    session = models.ForeignKey(ExamSession, models.PROTECT, null=True, related_name="+", verbose_name=_("session"))
    region = models.ForeignKey(Region, models.PROTECT, null=True, related_name="+", verbose_name=_("region"))
    site = models.ForeignKey(Site, models.PROTECT, null=True, related_name="+", verbose_name=_("site"))
    facts = models.JSONField(_("facts"), default=dict)
    ip_address = models.GenericIPAddressField(_("address"), null=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [
            models.Index(fields=["candidate", "-id"], name="event_of_candidate"),
            models.Index(fields=["site", "-id"], name="event_of_site"),
            models.Index(fields=["region", "-id"], name="event_of_region"),
            # What the pages about a session count and list: no other kinds, because this table grows fastest.
            models.Index(
                fields=["session", "action", "at"],
                condition=Q(action__in=[Action.PHOTO_ADDED, Action.SUBMITTED, Action.REMINDED]),
                name="event_of_session",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.pk}"
