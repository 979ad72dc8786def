"""What a receipt says, read off what the submission recorded; for the page and for the PDF alike."""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from candidates import dates
from candidates.enums import Flag
from candidates.models import Candidate
from candidates.rules import mask_id_number

from ..models import Category, Photo, Submission
from ..selectors import live_photos


@dataclass(frozen=True)
class Fact:
    name: str
    value: str


@dataclass(frozen=True)
class Picture:
    """One picture of the manifest. ``photo`` is None once it was replaced: then its candidate sees it no more."""

    id: str
    position: int
    sha256: str
    bytes: int
    photo: Photo | None


@dataclass(frozen=True)
class Entry:
    """What was handed in for one category; for one that was removed since, its code stands for its name."""

    category: Category | str
    code: str
    not_applicable: bool
    reply: str
    pictures: list[Picture]


@dataclass(frozen=True)
class Receipt:
    submission: Submission
    facts: list[Fact]
    entries: list[Entry]

    @property
    def number(self) -> str:
        return self.submission.receipt_number

    @property
    def count(self) -> int:
        return sum(len(entry.pictures) for entry in self.entries)

    @property
    def newest(self) -> int:
        """The number of the submission that counts."""
        return self.submission.application.rounds

    @property
    def is_newest(self) -> bool:
        return self.submission.number == self.newest


def read_receipt(submission: Submission) -> Receipt:
    """Two queries; the submission's application comes with its candidate."""
    application = submission.application
    names = {category.code: category for category in Category.objects.filter(session=application.session_id)}
    photos = {str(photo.pk): photo for photo in live_photos().filter(item__application=application)}
    entries = [
        Entry(
            category=names.get(entry["item"], entry["item"]),
            code=entry["item"],
            not_applicable=entry["not_applicable"],
            reply=entry["reply"],
            pictures=[
                Picture(
                    id=picture["photo"],
                    position=place,
                    sha256=picture["sha256"],
                    bytes=picture["bytes"],
                    photo=photos.get(picture["photo"]),
                )
                for place, picture in enumerate(entry["photos"], start=1)
            ],
        )
        for entry in submission.manifest
        if entry["photos"] or entry["not_applicable"] or entry["reply"]
    ]
    return Receipt(submission, _facts(submission), entries)


def about_sums() -> str:
    return _(
        "The 64 characters with each picture are its SHA-256 checksum: it shows that the picture was not changed "
        "after you handed it in."
    )


def how_to_check() -> str:
    return _(
        "Anyone can check that number and time are genuine, without seeing who you are: scan the code, or type "
        "receipt number and check code at"
    )


def registration_facts(candidate: Candidate) -> list[Fact]:
    """Who hands in, as reviewers see it, the ID number masked."""
    return [
        Fact(_("Name"), candidate.name),
        Fact(_("Registration number"), candidate.registration_number),
        Fact(_("ID number"), mask_id_number(candidate.id_number)),
        Fact(_("Track"), candidate.get_track_display()),
        Fact(_("Level"), candidate.get_level_display()),
        Fact(_("Exam session"), candidate.session.title),
        Fact(_("Exam site"), candidate.site.name),
    ]


def all_facts(candidate: Candidate) -> list[Fact]:
    """The same with what makes categories required of them."""
    flags = [str(Flag(flag).label) if flag in Flag.values else flag for flag in candidate.flags]
    return [*registration_facts(candidate), Fact(_("Circumstances"), " · ".join(flags) or _("None"))]


def time_of(submission: Submission, zone: str) -> str:
    """When it was submitted, in the region's time zone, which is named by its distance from UTC."""
    with timezone.override(zone):
        offset = timezone.localtime(submission.submitted_at).isoformat()[-6:]
    return f"{dates.moment(submission.submitted_at, zone)} (UTC{offset})"


def facts_for_anyone(submission: Submission) -> list[Fact]:
    """What whoever checks a receipt is told: nothing about the person but the number, which they brought."""
    session = submission.application.session
    return [
        Fact(_("Receipt number"), submission.receipt_number),
        Fact(_("Submission"), _("No. %(number)s") % {"number": submission.number}),
        Fact(_("Submitted on"), time_of(submission, session.region.time_zone)),
        Fact(_("Exam session"), session.title),
        Fact(_("Pictures handed in"), str(sum(len(entry["photos"]) for entry in submission.manifest))),
    ]


def _facts(submission: Submission) -> list[Fact]:
    """Above all that it is, then who."""
    candidate = submission.application.candidate
    which = _("No. %(number)s")
    if submission.at_close:
        which = _("No. %(number)s, a complete draft that counted at the close of the upload window")
    return [
        Fact(_("Receipt number"), submission.receipt_number),
        Fact(_("Submission"), which % {"number": submission.number}),
        Fact(_("Submitted on"), time_of(submission, candidate.session.region.time_zone)),
        *registration_facts(candidate),
    ]
