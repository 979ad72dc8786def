"""Judging: who is at an application, what was decided, what was published."""

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from candidates.models import ExamSession, User, in_language
from materials.enums import Stage
from materials.models import Application, Photo, Reason

from .enums import Outcome, Progress


class Claim(models.Model):
    """An application in one reviewer's hands until ``expires_at``. Nobody else can decide it before.

    ``ahead``: kept for them while they are at another one, so that its pictures can load; not opened yet.
    """

    application = models.OneToOneField(Application, models.CASCADE, primary_key=True, related_name="claim")
    reviewer = models.ForeignKey(User, models.PROTECT, related_name="claims", verbose_name=_("reviewer"))
    claimed_at = models.DateTimeField(_("claimed"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"))
    ahead = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")


class Skip(models.Model):
    """An application that a reviewer put aside: until then it comes to them only when nothing else waits."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="+")
    reviewer = models.ForeignKey(User, models.CASCADE, related_name="+")
    until = models.DateTimeField()

    class Meta:
        verbose_name = _("skip")
        verbose_name_plural = _("skips")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["reviewer", "application"], name="skip_once_a_reviewer"),
        ]


class PictureTurn(models.Model):
    """How far a reviewer turned a picture, clockwise, for whoever looks at it next. What is stored stays as it is."""

    photo = models.OneToOneField(Photo, models.CASCADE, primary_key=True, related_name="+")
    degrees = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("turned picture")
        verbose_name_plural = _("turned pictures")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(degrees__in=[0, 90, 180, 270]), name="picture_turn_is_a_quarter"),
        ]


class Decision(models.Model):
    """One act of a reviewer on an application. Can be added and never altered or removed.

    ``requests``: what was asked of the candidate, a list of ``{"item", "reason", "note"}``. The
    reason's sentence is kept as it was: a reason that is reworded later must not change what was
    told to a candidate (docs/product.md, rule 9).
    """

    application = models.ForeignKey(
        Application, models.PROTECT, related_name="decisions", verbose_name=_("application"), db_index=False
    )
    round = models.PositiveSmallIntegerField(_("round"))
    stage = models.CharField(_("stage"), max_length=10, choices=Stage.choices)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices)
    reason = models.ForeignKey(Reason, models.PROTECT, null=True, related_name="+", verbose_name=_("reason"))
    sentence_zh = models.CharField(_("sentence (Chinese)"), max_length=300, blank=True)
    sentence_en = models.CharField(_("sentence (English)"), max_length=300, blank=True)
    requests = models.JSONField(_("requested changes"), default=list)
    note = models.TextField(_("note"), blank=True)
    reviewer = models.ForeignKey(
        User, models.PROTECT, related_name="decisions", verbose_name=_("reviewer"), db_index=False
    )
    claimed_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(_("decided"), default=timezone.now)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="decision_outcome_is_known"),
            models.CheckConstraint(
                condition=~Q(outcome=Outcome.REJECT) | Q(reason__isnull=False), name="decision_reject_has_a_reason"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["application", "-id"], name="decision_newest_first"),
            models.Index(fields=["reviewer", "decided_at"], name="decision_of_reviewer"),
            models.Index(fields=["decided_at"], name="decision_by_time"),
        ]

    def __str__(self) -> str:
        return self.get_outcome_display()

    @property
    def sentence(self) -> str:
        return in_language(self.sentence_zh, self.sentence_en)


class SecondLook(models.Model):
    """A pass that was drawn to be judged once more, by somebody who does not see what was found before.

    In the hands of ``reviewer`` until ``expires_at``, and theirs for good once answered. ``findings``:
    what they would have asked for, a list of ``{"item", "reason", "note"}``; empty when they agree.
    A disagreement ends when regional staff let the pass stand, or when the pass is taken back; that
    ends every other look at it too.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    decision = models.OneToOneField(Decision, models.PROTECT, related_name="second_look")
    application = models.ForeignKey(Application, models.PROTECT, related_name="second_looks")
    drawn_at = models.DateTimeField(default=timezone.now)
    reviewer = models.ForeignKey(User, models.PROTECT, null=True, related_name="second_looks")
    expires_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    findings = models.JSONField(default=list)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    settlement = models.TextField(blank=True)
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("second look")
        verbose_name_plural = _("second looks")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["application"], condition=Q(taken_back_at=None), name="second_look_one_stands"
            ),
            models.CheckConstraint(
                condition=Q(reviewer=None, expires_at=None, answered_at=None)
                | Q(reviewer__isnull=False, expires_at__isnull=False),
                name="second_look_claimed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(findings=[]) | Q(answered_at__isnull=False), name="second_look_found_when_answered"
            ),
            models.CheckConstraint(
                condition=Q(settled_at=None, settled_by=None, settlement="")
                | (Q(settled_at__isnull=False, settled_by__isnull=False) & ~Q(settlement="") & ~Q(findings=[])),
                name="second_look_settled_with_a_note",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["drawn_at"], condition=Q(answered_at=None, taken_back_at=None), name="second_look_waiting"
            ),
            models.Index(
                fields=["answered_at"],
                condition=Q(settled_at=None, taken_back_at=None) & ~Q(findings=[]),
                name="second_look_unsettled",
            ),
        ]

    @property
    def is_unsettled(self) -> bool:
        """Whether it is a disagreement that still stands in the way of the results."""
        return bool(self.findings) and self.settled_at is None and self.taken_back_at is None


class Circular(models.Model):
    """A message to a list of candidates, as the list was when it was confirmed.

    ``key`` comes with the preview, so that pressing twice sends once. ``recipients`` are the candidates' keys;
    ``written`` of them have the message by now, the rest get it from ``send_messages``.
    """

    key = models.UUIDField(unique=True, editable=False)
    session = models.ForeignKey(ExamSession, models.PROTECT, related_name="circulars", verbose_name=_("session"))
    sent_at = models.DateTimeField(_("sent"), default=timezone.now)
    sent_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("sent by"))
    states = ArrayField(models.CharField(max_length=20, choices=Progress.choices))
    sites = ArrayField(models.CharField(max_length=20), default=list)
    title_zh = models.CharField(max_length=60)
    title_en = models.CharField(max_length=60)
    text_zh = models.TextField()
    text_en = models.TextField()
    recipients = ArrayField(models.BigIntegerField())
    number = models.PositiveIntegerField(_("recipients"))
    written = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("message to a list")
        verbose_name_plural = _("messages to lists")
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(written__lte=F("number")), name="circular_written_to_its_list"),
        ]

    @property
    def title(self) -> str:
        return in_language(self.title_zh, self.title_en)

    @property
    def once_key(self) -> str:
        return f"circular:{self.pk}"


class KeptFigures(models.Model):
    """What the pages of statistics tell of a large session, as it was counted at one moment (review/figures.py)."""

    session = models.OneToOneField(ExamSession, models.CASCADE, primary_key=True, related_name="+")
    counted_at = models.DateTimeField()
    progress = models.JSONField()
    reviews = models.JSONField()


class Proposal(models.Model):
    """One person's proposal to publish a session that asks for two; another may confirm it for a day.

    It is of the session at ``version``, and of the list with these ``counts`` and this ``sha256``: of nothing else.
    Gone once it is confirmed, taken back or replaced; the events stay.
    """

    session = models.OneToOneField(ExamSession, models.PROTECT, primary_key=True, related_name="proposal")
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField()
    counts = models.JSONField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="proposal_sum_is_hexadecimal"),
        ]


class Publication(models.Model):
    """One act of publishing a session's results, and its withdrawal. The database lets nothing else be changed.

    ``counts``: result code to number. ``sha256``: of the list that was published, which is the CSV of the whole
    session with ``headers=code``.
    """

    session = models.ForeignKey(ExamSession, models.PROTECT, related_name="publications", verbose_name=_("session"))
    number = models.PositiveSmallIntegerField(_("number"))
    published_at = models.DateTimeField(_("published"), default=timezone.now)
    published_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("published by"))
    # Where the session asks for two persons.
    proposed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("proposed by"))
    counts = models.JSONField(_("counts"))
    # Empty: published before sums were kept.
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("withdrawn by"))
    withdrawal_reason = models.TextField(_("reason of the withdrawal"), blank=True)

    class Meta:
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "number"], name="publication_number_once"),
            models.UniqueConstraint(fields=["session"], condition=Q(withdrawn_at=None), name="publication_one_stands"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | ~Q(withdrawal_reason=""), name="publication_withdrawal_has_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(proposed_by=None) | (Q(published_by__isnull=False) & ~Q(proposed_by=F("published_by"))),
                name="publication_by_two_is_by_two",
            ),
            models.CheckConstraint(
                condition=Q(sha256="") | Q(sha256__regex=r"^[0-9a-f]{64}$"), name="publication_sum_is_hexadecimal"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session.code}/{self.number}"
