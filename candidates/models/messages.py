"""What candidates are told, and how it leaves the portal."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..encryption import EncryptedTextField
from ..enums import Channel, DeliveryStatus, MessageKind
from .people import Candidate
from .sessions import ExamSession


class Message(models.Model):
    """通知: what the portal tells a candidate.

    The words are made from kind and facts when it is read, in the reader's language (candidates/texts.py).
    """

    candidate = models.ForeignKey(Candidate, models.CASCADE, related_name="messages", db_index=False)
    kind = models.CharField(_("kind"), max_length=20, choices=MessageKind.choices)
    facts = models.JSONField(default=dict)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    # What may be said only once (a reminder for one day) has a key; see rule "never twice".
    once_key = models.CharField(max_length=60, null=True)
    # When it was on a page that somebody looked at.
    read_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering: ClassVar = ["-created_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["candidate", "once_key"], name="message_said_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["candidate", "-created_at"], name="message_newest_first")]


class Delivery(models.Model):
    """The outbox: one text on its way over one channel. Written with the change, sent after it commits.

    ``address`` and ``text`` are encrypted, and emptied once sent: a code must not outlive its use. ``session`` repeats
    the candidate's, and ``about`` the message's kind (its ``once_key`` where it went to a list; empty for a code), so
    that outcomes are counted from one index.
    """

    message = models.ForeignKey(Message, models.CASCADE, null=True, related_name="deliveries")
    candidate = models.ForeignKey(Candidate, models.CASCADE, related_name="deliveries", verbose_name=_("candidate"))
    session = models.ForeignKey(
        ExamSession, models.CASCADE, db_index=False, related_name="+", verbose_name=_("session")
    )
    about = models.CharField(max_length=60, blank=True, editable=False)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    address = EncryptedTextField()
    subject = models.CharField(max_length=200, blank=True)
    text = EncryptedTextField()
    status = models.CharField(
        _("status"), max_length=10, choices=DeliveryStatus.choices, default=DeliveryStatus.WAITING
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"), default=timezone.now)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True)
    error = models.CharField(_("error"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        indexes: ClassVar = [
            models.Index(fields=["next_attempt_at"], condition=Q(status="waiting"), name="delivery_waiting"),
            models.Index(fields=["session", "about", "status"], name="delivery_outcome"),
            models.Index(fields=["session", "-id"], condition=~Q(error=""), name="delivery_in_trouble"),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.pk}"
