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
    the database refuses it (candidates/migrations/0002_append_only.py), and its seal would show it.

    ``facts`` holds codes, counts and states, never an ID number, a phone number or a picture: whom an event is about
    is said by a key. The few words that people write, and network addresses, go with the candidate's personal data (the
    migration "erasure" of candidates); a seal does not cover these.
    """

    at = models.DateTimeField(_("when"), default=timezone.now)
    action = models.CharField(_("what"), max_length=30, choices=Action.choices)
    # Where an index below begins with the key, the key needs none of its own.
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("who"), db_index=False)
    candidate = models.ForeignKey(
        Candidate, models.PROTECT, null=True, related_name="events", verbose_name=_("candidate"), db_index=False
    )
    session = models.ForeignKey(ExamSession, models.PROTECT, null=True, related_name="+", verbose_name=_("session"))
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, related_name="+", verbose_name=_("region"), db_index=False
    )
    site = models.ForeignKey(Site, models.PROTECT, null=True, related_name="+", verbose_name=_("site"), db_index=False)
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
            models.Index(fields=["actor", "-id"], name="event_of_actor"),
            models.Index(fields=["action", "-id"], name="event_of_action"),
            # Where a day begins and ends (event_filters.py).
            models.Index(fields=["at"], name="event_by_time"),
            # What the pages about a session count and list: no other kinds, because this table grows fastest.
            models.Index(
                fields=["session", "action", "at"],
                condition=Q(action__in=[Action.PHOTO_ADDED, Action.SUBMITTED, Action.REMINDED]),
                name="event_of_session",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.pk}"


class Seal(models.Model):
    """One link of the chain over the events (candidates/services/seals.py), in the order of their keys.

    ``hash`` is the SHA-256 of ``previous``, the seal before, and of what the event says. Can be added and never altered
    or removed, like the event; and since whoever owns the database can do even that, what was done shows. No foreign
    key: a seal outlasts an event that somebody removed, which is how it is missed.
    """

    event_id = models.BigIntegerField(_("event"), primary_key=True)
    previous = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = _("seal")
        verbose_name_plural = _("seals")
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return f"{self.event_id} {bytes(self.hash).hex()}"
