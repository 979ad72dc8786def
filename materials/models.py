"""What is handed in: categories, applications, their items and photos, submissions, reasons."""

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from candidates.encryption import EncryptedTextField
from candidates.models import CODE, EARLIEST, LATEST, Candidate, ExamSession, Named, Region, Site, User, in_language

from .enums import PictureFormat, ReasonUse, Requirement, Stage, Status, Verdict


def all_formats() -> list[str]:
    return list(PictureFormat.values)


class Category(Named):
    """材料类别: a kind of document: its limits, hint and whom it applies to.

    Rows without a session are the default catalogue, copied into each new session.
    """

    session = models.ForeignKey(
        ExamSession, models.CASCADE, null=True, blank=True, related_name="categories", verbose_name=_("session")
    )
    code = models.CharField(_("code"), max_length=20, validators=[CODE])
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    min_photos = models.PositiveSmallIntegerField(_("fewest pictures"))
    max_photos = models.PositiveSmallIntegerField(_("most pictures"))
    requirement = models.CharField(_("requirement"), max_length=10, choices=Requirement.choices)
    levels = ArrayField(models.CharField(max_length=40), verbose_name=_("levels"), default=list, blank=True)
    tracks = ArrayField(models.CharField(max_length=40), verbose_name=_("tracks"), default=list, blank=True)
    flags_any = ArrayField(
        models.CharField(max_length=40), verbose_name=_("any of the flags"), default=list, blank=True
    )
    formats = ArrayField(models.CharField(max_length=10), verbose_name=_("formats"), default=all_formats)
    max_bytes = models.PositiveIntegerField(
        _("largest stored picture, in bytes"), null=True, blank=True, help_text=_("Empty: the session's limit.")
    )
    hint_zh = models.CharField(_("hint (Chinese)"), max_length=300, blank=True)
    hint_en = models.CharField(_("hint (English)"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering: ClassVar = ["session", "position", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["session", "code"],
                nulls_distinct=False,
                name="category_code_once_in_session",
                violation_error_message=_("This session already has a category with this code. Choose another code."),
            ),
            models.CheckConstraint(
                condition=Q(max_photos__gte=1, max_photos__lte=50, min_photos__lte=F("max_photos")),
                name="category_limits_make_sense",
                violation_error_message=_("The most pictures must be from 1 to 50 and no fewer than the fewest."),
            ),
            models.CheckConstraint(
                condition=Q(requirement__in=Requirement.values), name="category_requirement_is_known"
            ),
        ]

    @property
    def hint(self) -> str:
        return in_language(self.hint_zh, self.hint_en)


class Reason(Named):
    """原因: a reusable reason code for asking a change or rejecting, with the sentence the candidate reads."""

    region = models.ForeignKey(
        Region,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="reasons",
        verbose_name=_("region"),
        help_text=_("Empty: every region."),
    )
    code = models.CharField(_("code"), max_length=30, validators=[CODE])
    use = models.CharField(_("used for"), max_length=10, choices=ReasonUse.choices, default=ReasonUse.CHANGE)
    sentence_zh = models.CharField(_("sentence (Chinese)"), max_length=300)
    sentence_en = models.CharField(_("sentence (English)"), max_length=300, blank=True)
    categories = ArrayField(
        models.CharField(max_length=20),
        verbose_name=_("categories"),
        default=list,
        blank=True,
        help_text=_("Codes, separated by commas. Empty: every category."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("in use"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("reason")
        verbose_name_plural = _("reasons")
        ordering: ClassVar = ["position", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["region", "code"],
                nulls_distinct=False,
                name="reason_code_once_in_region",
                violation_error_message=_("This region already has a reason with this code. Choose another code."),
            ),
            models.CheckConstraint(condition=Q(use__in=ReasonUse.values), name="reason_use_is_known"),
        ]

    @property
    def sentence(self) -> str:
        return in_language(self.sentence_zh, self.sentence_en)


class Application(models.Model):
    """报名材料: all that one candidate hands in.

    ``session`` and ``site`` repeat the candidate's, so that queues and lists need one index and no
    join; candidates' and this row change together (materials/services/roster.py). ``version`` counts
    every change that a reviewer must not overwrite unseen. ``rounds`` is the number of submissions.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    candidate = models.OneToOneField(Candidate, models.PROTECT, related_name="application", verbose_name=_("candidate"))
    session = models.ForeignKey(ExamSession, models.PROTECT, related_name="applications", verbose_name=_("session"))
    site = models.ForeignKey(Site, models.PROTECT, related_name="applications", verbose_name=_("site"))
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
            # The queue: resubmissions first, then by time (review/selectors.py).
            models.Index(
                "session",
                "stage",
                "site",
                F("rounds").desc(),
                "submitted_at",
                condition=Q(status="submitted"),
                name="application_queue",
            ),
            models.Index(fields=["session", "site", "status", "stage"], name="application_by_state"),
            models.Index(fields=["site", "status"], name="application_of_site"),
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

    application = models.ForeignKey(Application, models.CASCADE, related_name="items")
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


#: Pictures deleted before any submission named them, which can still be put back (rule 12).
REMOVED = Q(superseded_at__isnull=False, first_submission=None)


def photo_storage() -> Storage:
    return storages["photos"]


def photo_path(photo: "Photo", kind: str) -> str:
    """Random names below the application's, so that a sweep can lock the application first."""
    application = photo.item.application_id
    return f"{str(application)[:2]}/{application}/{photo.pk}{kind}"


def photo_name(photo: "Photo", _filename: str) -> str:
    return photo_path(photo, ".png" if photo.format == PictureFormat.PNG else ".jpg")


def thumb_name(photo: "Photo", _filename: str) -> str:
    return photo_path(photo, "-thumb.jpg")


class Photo(models.Model):
    """图片: one stored picture of an item. Its bytes never change.

    ``sha256`` is of the stored bytes, ``pixels_sha256`` of what is seen. ``superseded_at``: since when it counts no
    more; one that a submission named is kept, any other deleted soon (rule 12, services/removed.py). ``similar_to`` is
    the picture here that it looked nearly the same as when it came; that may have gone, hence no foreign key.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey(Item, models.CASCADE, related_name="photos")
    position = models.PositiveSmallIntegerField(_("position"))
    file = models.FileField(storage=photo_storage, upload_to=photo_name, max_length=200)
    thumb = models.FileField(storage=photo_storage, upload_to=thumb_name, max_length=200)
    format = models.CharField(_("format"), max_length=10, choices=PictureFormat.choices)
    sha256 = models.CharField(max_length=64)
    pixels_sha256 = models.CharField(max_length=64)
    bytes = models.PositiveIntegerField(_("bytes"))
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    original_format = models.CharField(max_length=10)
    original_bytes = models.PositiveIntegerField()
    fitted = models.BooleanField(default=False)
    warnings = ArrayField(models.CharField(max_length=20), default=list)
    similar_to = models.UUIDField(null=True, editable=False)
    created_at = models.DateTimeField(_("added"), default=timezone.now)
    first_submission = models.ForeignKey("Submission", models.PROTECT, null=True, related_name="+")
    superseded_at = models.DateTimeField(null=True)

    # Set by views/cards.py: where the picture is that this one looks nearly the same as.
    lookalike: object
    # Set by review/views/screen.py: the applications of other candidates that have the same picture, or one that
    # looks nearly the same (Alike); degrees clockwise that reviewers turned it; what is before and after it there.
    elsewhere: "list[Application | None]"
    alike: object
    turn: int
    previous: "Photo | None"
    next: "Photo | None"

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        ordering: ClassVar = ["position"]
        indexes: ClassVar = [
            models.Index(fields=["pixels_sha256"], name="photo_by_what_is_seen"),
            models.Index(fields=["superseded_at"], condition=REMOVED, name="photo_removed"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["item", "position"], condition=Q(superseded_at=None), name="photo_position_taken_once"
            ),
            # 0: where a picture waits while the others make way for it (services/order.py).
            models.CheckConstraint(condition=Q(position__gte=0, position__lte=50), name="photo_position_in_range"),
            models.CheckConstraint(condition=Q(bytes__gte=1, width__gte=1, height__gte=1), name="photo_is_not_empty"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Likeness(models.Model):
    """What a picture looks like (materials/intake/likeness.py), kept out of its row: only comparing needs it.

    A (nearly) blank picture has none. ``session`` repeats the application's, so that the index of outlines can begin
    with it.
    """

    OUTLINE: ClassVar = tuple(f"outline_{number}" for number in range(1, 9))

    photo = models.OneToOneField(Photo, models.CASCADE, primary_key=True, related_name="likeness")
    session = models.ForeignKey(ExamSession, models.CASCADE, db_index=False, related_name="+")
    grid = models.BinaryField()
    outline_1 = models.SmallIntegerField()
    outline_2 = models.SmallIntegerField()
    outline_3 = models.SmallIntegerField()
    outline_4 = models.SmallIntegerField()
    outline_5 = models.SmallIntegerField()
    outline_6 = models.SmallIntegerField()
    outline_7 = models.SmallIntegerField()
    outline_8 = models.SmallIntegerField()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["session", *(f"outline_{number}" for number in range(1, 9))],
                include=["photo"],
                name="likeness_by_outline",
            )
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Exact(Length("grid"), 1024), name="likeness_is_whole")
        ]

    def __str__(self) -> str:
        return str(self.photo_id)


class Submission(models.Model):
    """提交记录: one round of handing in: number, time, manifest, receipt.

    ``manifest``: a list of ``{"item", "not_applicable", "reply", "photos": [{"photo", "position",
    "sha256", "bytes"}]}``, in the catalogue's order.
    """

    application = models.ForeignKey(Application, models.PROTECT, related_name="submissions")
    number = models.PositiveSmallIntegerField(_("number"))
    submitted_at = models.DateTimeField(_("submitted"), default=timezone.now)
    manifest = models.JSONField()

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
    faults = EncryptedTextField(blank=True)
    refusal = models.TextField(blank=True)
