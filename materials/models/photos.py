"""Pictures, and what they look like."""

import uuid
from typing import ClassVar, cast

from django.contrib.postgres.fields import ArrayField
from django.core.files.storage import storages
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from candidates.models import ExamSession

from ..enums import PictureFormat
from ..storage import PhotoStore
from .applications import Application, Item

#: Pictures deleted before any submission named them, which can still be put back (rule 12).
REMOVED = Q(superseded_at__isnull=False, first_submission=None)


def photo_storage() -> PhotoStore:
    return cast(PhotoStore, storages["photos"])


def application_folder(application: uuid.UUID) -> str:
    """Where all files of one application are, and nothing else is."""
    return f"{str(application)[:2]}/{application}"


def photo_path(photo: "Photo", kind: str) -> str:
    """Random names below the application's, so that a sweep can lock the application first."""
    return f"{application_folder(photo.item.application_id)}/{photo.pk}{kind}"


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

    # Set by selectors.py and views/cards.py: its number as its candidate sees it, from 1 without gaps.
    place: int
    # Set by views/cards.py: where the picture is that this one looks nearly the same as; whether it is one of the last
    # submission in an item to correct.
    lookalike: object
    kept: str
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
