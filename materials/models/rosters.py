"""Rosters that are too long for a request."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from candidates.encryption import EncryptedTextField
from candidates.models import ExamSession, User


class RosterLoad(models.Model):
    """A session's roster that is too long for a request: on its way in, or what became of the last one.

    ``load_rosters`` takes it up (materials/services/roster_loads.py). ``content`` is the file, compressed,
    and emptied at the end; ``faults`` the CSV of what was wrong, masked, kept until the next roster comes.
    """

    session = models.OneToOneField(ExamSession, models.PROTECT, related_name="roster_load")
    actor = models.ForeignKey(User, models.PROTECT, related_name="+")
    ip_address = models.GenericIPAddressField(null=True)
    language = models.CharField(max_length=10)
    dry_run = models.BooleanField()
    content = EncryptedTextField(blank=True)
    percent = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    # Registration numbers whose phone stays as staff corrected it.
    phones_kept = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    faults = EncryptedTextField(blank=True)
    refusal = models.TextField(blank=True)
