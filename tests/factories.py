"""What tests are made from: a region with its people, and applications in every state.

Rows that only ever come from outside (rosters, staff, catalogue) are made here; states are reached
by calling the services, so that a test never stands on a state the portal could not be in.
"""

import csv
import io
import random
import uuid
from collections.abc import Iterable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import factory
from django.conf import settings
from django.core.files.base import ContentFile
from django.utils import timezone
from factory.django import DjangoModelFactory
from PIL import Image, ImageDraw

from candidates import rules as people_rules
from candidates.encryption import keyed_hash
from candidates.enums import Level, Role, Stages, Track
from candidates.models import Candidate, ExamSession, Region, Site, User
from candidates.rules import clean_id_number
from candidates.services.events import Actor
from materials import rules
from materials.enums import PictureFormat, ReasonUse, Stage, Status, Verdict
from materials.intake.likeness import likeness
from materials.models import Application, Category, Item, Photo, Reason, Submission
from materials.services.photos import new_likeness
from materials.services.submission import submit_application
from review.enums import Outcome
from review.services import verdicts
from review.services.publication import publish_results

PASSWORD = "portal-demo-2026"
CATALOGUE = Path(settings.BASE_DIR) / "materials" / "catalogue.csv"


class RegionFactory(DjangoModelFactory):
    class Meta:
        model = Region

    code = factory.Sequence(lambda n: f"R{n}")
    name_zh = factory.Sequence(lambda n: f"考区{n}")
    name_en = factory.Sequence(lambda n: f"Region {n}")


class SiteFactory(DjangoModelFactory):
    class Meta:
        model = Site

    region = factory.SubFactory(RegionFactory)
    code = factory.Sequence(lambda n: f"S{n}")
    name_zh = factory.Sequence(lambda n: f"考点{n}")
    name_en = factory.Sequence(lambda n: f"Site {n}")
    contact = "022-0000000"


class SessionFactory(DjangoModelFactory):
    """A session whose windows are open, without categories: see ``load_catalogue``."""

    class Meta:
        model = ExamSession

    region = factory.SubFactory(RegionFactory)
    code = factory.Sequence(lambda n: f"SESSION-{n}")
    title_zh = "2026年医师资格考试"
    title_en = "Medical licensing exam 2026"
    opens_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=3))
    closes_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=7))
    corrections_until = factory.LazyFunction(lambda: timezone.now() + timedelta(days=14))
    stages = Stages.SITE_THEN_REGION
    contact = "022-1111111"


class CategoryFactory(DjangoModelFactory):
    class Meta:
        model = Category

    session = factory.SubFactory(SessionFactory)
    code = factory.Sequence(lambda n: f"CAT{n}")
    position = factory.Sequence(lambda n: n)
    name_zh = factory.Sequence(lambda n: f"材料{n}")
    name_en = factory.Sequence(lambda n: f"Material {n}")
    min_photos = 1
    max_photos = 2
    requirement = "required"
    hint_zh = "原件，四角完整"
    hint_en = "Original, all corners visible"


class ReasonFactory(DjangoModelFactory):
    class Meta:
        model = Reason

    code = factory.Sequence(lambda n: f"reason-{n}")
    name_zh = "图片模糊"
    name_en = "Blurred"
    use = ReasonUse.CHANGE
    sentence_zh = "图片模糊，请重新拍摄。"
    sentence_en = "The picture is blurred; take it again."


class StaffFactory(DjangoModelFactory):
    """A staff account; ``site_reviewer`` and its sisters below give it the place that fits its role."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"staff{n}")
    name = factory.Sequence(lambda n: f"工作人员{n}")
    role = Role.ADMINISTRATOR
    password = factory.django.Password(PASSWORD)


def site_reviewer(site: Site, **fields: Any) -> User:
    return StaffFactory(role=Role.SITE_REVIEWER, region=site.region, site=site, **fields)


def region_reviewer(region: Region, **fields: Any) -> User:
    return StaffFactory(role=Role.REGION_REVIEWER, region=region, **fields)


def region_staff(region: Region, **fields: Any) -> User:
    return StaffFactory(role=Role.REGION_STAFF, region=region, **fields)


def region_lead(region: Region, **fields: Any) -> User:
    return StaffFactory(role=Role.REGION_LEAD, region=region, **fields)


def administrator(**fields: Any) -> User:
    return StaffFactory(role=Role.ADMINISTRATOR, **fields)


# --- sessions and candidates -----------------------------------------------------------------------


def load_catalogue(session: ExamSession | None = None, codes: Iterable[str] | None = None) -> list[Category]:
    """The default catalogue (or those ``codes`` of it) as rows of ``session``."""

    def words(text: str) -> list[str]:
        return [word for word in text.split("|") if word]

    with CATALOGUE.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if codes is None or row["code"] in set(codes)]
    return Category.objects.bulk_create(
        Category(
            session=session,
            code=row["code"],
            position=position,
            name_zh=row["name_zh"],
            name_en=row["name_en"],
            min_photos=int(row["min"]),
            max_photos=int(row["max"]),
            requirement=row["requirement"],
            levels=words(row["levels"]),
            tracks=words(row["tracks"]),
            flags_any=words(row["flags_any"]),
            hint_zh=row["hint_zh"],
            hint_en=row["hint_en"],
        )
        for position, row in enumerate(rows)
    )


def make_session(*, codes: Iterable[str] | None = ("ID", "EDU", "OTHER"), **fields: Any) -> ExamSession:
    """A session with open windows, a site, and some categories: required ID (2) and EDU (1 to 4), optional OTHER."""
    session = SessionFactory(**fields)
    SiteFactory(region=session.region)
    load_catalogue(session, codes)
    return session


def id_number(serial: int) -> str:
    """A made-up ID number with a right check character."""
    digits = f"110101199001{serial // 1000 % 27 + 1:02d}{serial % 1000:03d}"
    weighted = sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(digits))
    return digits + "10X98765432"[weighted % 11]


_serial = iter(range(1, 1_000_000))


def make_candidate(session: ExamSession | None = None, *, activated: bool = True, **fields: Any) -> Candidate:
    """A candidate with account and empty draft, as a roster makes them. Signs in with PASSWORD once activated.

    Not activated: with ``plain_id`` of the returned object.
    """
    session = session or make_session()
    serial = next(_serial)
    number = fields.pop("id_number", id_number(serial))
    registration_number = fields.pop("registration_number", f"TJ26{serial:06d}")
    site = fields.pop("site", None) or session.region.sites.order_by("pk").first() or SiteFactory(region=session.region)
    user = User(username=registration_number, role=Role.CANDIDATE)
    if activated:
        user.set_password(PASSWORD)
        fields |= {"activated_at": timezone.now(), "consent_version": people_rules.CONSENT_VERSION}
    else:
        user.set_unusable_password()
    user.save()
    defaults = {"name": "张三", "phone": "13800000001", "email": "", "track": Track.CLINICAL, "level": Level.PHYSICIAN}
    candidate = Candidate.objects.create(
        user=user,
        session=session,
        site=site,
        registration_number=registration_number,
        id_number=number,
        id_number_hash=keyed_hash(clean_id_number(number)),
        **(defaults | fields),
    )
    candidate.plain_id = number
    Application.objects.create(candidate=candidate, session=session, site=site, stage=rules.first_stage(session))
    return candidate


def close_window(session: ExamSession) -> None:
    """The upload window and the time for corrections have passed."""
    now = timezone.now()
    session.opens_at, session.closes_at = now - timedelta(days=9), now - timedelta(days=2)
    session.corrections_until = now - timedelta(days=1)
    session.save()


# --- pictures ------------------------------------------------------------------------------------


def picture(seed: int = 1, *, size: tuple[int, int] = (900, 600), kind: str = "JPEG", quality: int = 80) -> bytes:
    """A drawn document: lines of dark strokes on light paper, another one for every seed."""
    dice = random.Random(seed)
    image = Image.new("RGB", size, (250, 248, 240))
    draw = ImageDraw.Draw(image)
    for top in range(40, size[1] - 40, 28):
        left = 40
        while left < size[0] - 60:
            width = dice.randint(6, 40)
            draw.rectangle((left, top, left + width, top + dice.randint(8, 16)), fill=(20, 20, dice.randint(20, 90)))
            left += width + dice.randint(6, 18)
    draw.ellipse((size[0] - 180, size[1] - 180, size[0] - 60, size[1] - 60), outline=(200, 20, 30), width=8)
    output = io.BytesIO()
    image.save(output, kind, quality=quality)
    return output.getvalue()


def make_photo(
    application: Application, code: str, *, seed: int | None = None, looks: Image.Image | None = None
) -> Photo:
    """A stored picture in an item, without the costs of taking it in; ``looks``: what it is compared by, if at all."""
    category = Category.objects.get(session=application.session_id, code=code)
    item, _ = Item.objects.get_or_create(application=application, category=category)
    taken = item.photos.filter(superseded_at=None)
    data = picture(seed if seed is not None else uuid.uuid4().int, size=(300, 200))
    photo = Photo(
        item=item,
        position=rules.free_position(taken),
        format=PictureFormat.JPEG,
        sha256=sha256(data).hexdigest(),
        pixels_sha256=sha256(b"pixels" + data).hexdigest(),
        bytes=len(data),
        width=300,
        height=200,
        original_format="jpeg",
        original_bytes=len(data),
    )
    photo.file.save("", ContentFile(data), save=False)
    photo.thumb.save("", ContentFile(data), save=False)
    photo.save(force_insert=True)
    if looks is not None:
        new_likeness(photo, likeness(looks)).save(force_insert=True)
    return photo


def fill(application: Application) -> None:
    """Every required item at its minimum."""
    candidate = application.candidate
    for category in Category.objects.filter(session=application.session_id).order_by("position"):
        if rules.is_required(category, candidate):
            have = Photo.objects.filter(item__application=application, item__category=category, superseded_at=None)
            for _ in range(category.min_photos - have.count()):
                make_photo(application, category.code)


# --- applications in every state --------------------------------------------------------------------


def draft(session: ExamSession | None = None, **fields: Any) -> Application:
    return make_candidate(session, **fields).application


def submit(application: Application) -> Submission:
    """Fill what is missing and submit; the application is read again."""
    fill(application)
    candidate = Candidate.objects.get(pk=application.candidate_id)
    submission = submit_application(Actor(candidate.user), candidate)
    application.refresh_from_db()
    return submission


def submitted(session: ExamSession | None = None, **fields: Any) -> Application:
    application = draft(session, **fields)
    submit(application)
    return application


def returned(
    session: ExamSession | None = None, *, codes: Iterable[str] = ("EDU",), note: str = "", **fields: Any
) -> Application:
    """Submitted, then returned by the first stage with a change requested of the items ``codes``."""
    application = submitted(session, **fields)
    review(application, Outcome.RETURN, ask=codes, note=note)
    return application


def decided(status: str, session: ExamSession | None = None, *, note: str = "", **fields: Any) -> Application:
    """Passed at the last stage, or rejected at the first; not published yet."""
    application = submitted(session, **fields)
    if status == Status.REJECTED:
        review(application, Outcome.REJECT, note=note)
    while application.status == Status.SUBMITTED:
        review(application, Outcome.PASS, note=note)
    return application


def reviewer_for(application: Application) -> User:
    """A reviewer of the stage that the application is at."""
    if application.stage == Stage.SITE:
        return site_reviewer(application.site)
    return region_reviewer(application.session.region)


def review(application: Application, outcome: str, *, ask: Iterable[str] = (), note: str = "") -> None:
    """Judge every item that has pictures, as the stage whose turn it is, and finish; read it again."""
    actor = Actor(reviewer_for(application))
    for item in list(application.items.select_related("category")):
        if not item.photos.filter(superseded_at=None).exists():
            continue
        wanted = item.category.code in set(ask)
        verdict: dict[str, str] = {"verdict": Verdict.ACCEPTED}
        if wanted:
            verdict = {"verdict": Verdict.CHANGE_REQUESTED, "reason": ReasonFactory().code, "note": note}
        verdicts.give_verdict(actor, application.pk, item.category.code, version=application.version, **verdict)
        application.refresh_from_db()
    reason = ReasonFactory(use=ReasonUse.REJECT, sentence_zh="不符合报考条件。", sentence_en="Not eligible.").code
    verdicts.finish_review(
        actor,
        application.pk,
        version=application.version,
        outcome=outcome,
        reason=reason if outcome == Outcome.REJECT else "",
        note=note,
    )
    application.refresh_from_db()


def publish(session: ExamSession) -> None:
    """Close the session's windows and publish its results, a draft's where there is nobody else."""
    if not session.candidates.exists():
        draft(session)
    close_window(session)
    publish_results(Actor(region_staff(session.region)), session.code)
    session.refresh_from_db()


def end_retention(session: ExamSession) -> None:
    """As if it had been published longer ago than it is kept."""
    session.published_at = timezone.now() - timedelta(days=session.retention_days, minutes=1)
    session.save()
