"""Applications, their items, and what was handed in."""

import uuid
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from candidates.models import EARLIEST, LATEST, Candidate, ExamSession, Site, User

from ..enums import Stage, Status, Verdict
from .catalogue import Category, Reason

if TYPE_CHECKING:
    from .photos import Photo


class Application(models.Model):
    """报名材料: all that one candidate hands in.

    ``session`` and ``site`` repeat the candidate's, so that queues and lists need one index and no
    join; candidates' and this row change together (materials/services/roster.py). ``version`` counts
    every change that a reviewer must not overwrite unseen. ``rounds`` is the number of submissions.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    candidate = models.OneToOneField(Candidate, models.PROTECT, related_name="application", verbose_name=_("candidate"))
    # The indexes below begin with these.
    session = models.ForeignKey(
        ExamSession, models.PROTECT, related_name="applications", verbose_name=_("session"), db_index=False
    )
    site = models.ForeignKey(Site, models.PROTECT, related_name="applications", verbose_name=_("site"), db_index=False)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.DRAFT)
    stage = models.CharField(_("stage"), max_length=10, choices=Stage.choices)
    version = models.PositiveIntegerField(default=1)
    rounds = models.PositiveSmallIntegerField(_("rounds"), default=0)
    submitted_at = models.DateTimeField(_("last submitted"), null=True)
    decided_at = models.DateTimeField(_("decided"), null=True)
    corrections_until = models.DateTimeField(_("own deadline"), null=True)
    # What the site is told when the region sends an application back.
    send_back_note = models.TextField(blank=True)

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        ordering: ClassVar = ["session", "site", "candidate"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="application_status_is_known"),
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="application_stage_is_known"),
            models.CheckConstraint(
                condition=Q(status="draft", rounds=0, submitted_at=None)
                | (~Q(status="draft") & Q(rounds__gte=1, submitted_at__isnull=False)),
                name="application_submitted_has_rounds",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["passed", "rejected"]) | Q(decided_at__isnull=False),
                name="application_outcome_has_a_date",
            ),
            models.CheckConstraint(
                condition=Q(corrections_until=None) | Q(corrections_until__range=(EARLIEST, LATEST)),
                name="application_deadline_makes_sense",
            ),
        ]
        indexes: ClassVar = [
            # The queues of a site and of a region, each in its order (review/selectors.py): however many wait, the
            # next one is found by looking at the first few.
            models.Index(
                "stage",
                "site",
                F("rounds").desc(),
                "submitted_at",
                "id",
                condition=Q(status="submitted"),
                name="queue_of_site",
            ),
            models.Index(
                "stage",
                F("rounds").desc(),
                "submitted_at",
                "id",
                condition=Q(status="submitted"),
                name="queue_of_region",
            ),
            models.Index(fields=["session", "site", "status", "stage"], name="application_by_state"),
            # With the candidate, by whom lists are filtered, searched and counted without a look at the table.
            models.Index(fields=["site", "status", "candidate"], name="candidates_of_site"),
            # The few that still stand in the way of publishing.
            models.Index(
                fields=["session", "corrections_until"],
                condition=Q(status="returned", corrections_until__isnull=False),
                name="application_own_deadline",
            ),
        ]

    def __str__(self) -> str:
        return str(self.candidate)


class Item(models.Model):
    """材料项: one category within one application: lock, verdict, feedback.

    A row is made when something is first done with the category, and for every category that
    applies when the application is submitted. ``verdict`` is what reviewers work with;
    ``shown_verdict`` is what the candidate has been told (rule 5). ``reason`` and ``note`` are the
    feedback of a requested change. Whether an item changed since then is read off the last
    submission's manifest.
    """

    application = models.ForeignKey(Application, models.CASCADE, related_name="items", db_index=False)
    category = models.ForeignKey(Category, models.PROTECT, related_name="items", verbose_name=_("category"))
    locked = models.BooleanField(_("locked"), default=False)
    not_applicable = models.BooleanField(_("not applicable"), default=False)
    verdict = models.CharField(_("verdict"), max_length=20, choices=Verdict.choices, default=Verdict.PENDING)
    shown_verdict = models.CharField(max_length=20, choices=Verdict.choices, default=Verdict.PENDING)
    verdict_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    verdict_at = models.DateTimeField(null=True)
    verdict_stage = models.CharField(max_length=10, choices=Stage.choices, blank=True)
    reason = models.ForeignKey(Reason, models.PROTECT, null=True, related_name="+", verbose_name=_("reason"))
    note = models.TextField(_("note"), blank=True)
    reply = models.TextField(_("reply"), blank=True)
    # Set by selectors.items_of: pictures that count, those taken out lately, whether the category applies.
    photo_list: "list[Photo]"
    taken_out: "list[Photo]"
    applies: bool

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["application", "category"], name="item_category_once_in_application"),
            models.CheckConstraint(
                condition=Q(verdict__in=Verdict.values, shown_verdict__in=Verdict.values), name="item_verdict_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(verdict=Verdict.CHANGE_REQUESTED) | Q(reason__isnull=False),
                name="item_request_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category.code} {self.category}"


class Submission(models.Model):
    """提交记录: one round of handing in: number, time, manifest, receipt.

    ``manifest``: a list of ``{"item", "not_applicable", "reply", "photos": [{"photo", "position",
    "sha256", "bytes"}]}``, in the catalogue's order.
    """

    application = models.ForeignKey(Application, models.PROTECT, related_name="submissions", db_index=False)
    number = models.PositiveSmallIntegerField(_("number"))
    submitted_at = models.DateTimeField(_("submitted"), default=timezone.now)
    manifest = models.JSONField()
    # Nobody pressed: the draft was complete at the close, and the session says that this counts.
    at_close = models.BooleanField(_("counted at the close"), default=False)

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["application", "number"], name="submission_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="submission_number_from_one"),
        ]

    def __str__(self) -> str:
        return self.receipt_number

    @property
    def receipt_number(self) -> str:
        """What a candidate quotes, e.g. TJ26000003-1."""
        return f"{self.application.candidate.registration_number}-{self.number}"
