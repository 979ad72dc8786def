"""The demonstration: a region, two sites, a session, people in every state (docs/contract.md, ``load_demo``).

Everything is made by the same services that serve real people, so that what is shown is true.
"""

import io
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256

from django.db import transaction
from django.utils import timezone
from PIL import Image, ImageDraw

from candidates.enums import Role
from candidates.models import Candidate, ExamSession, Region, Site, User
from candidates.rules import CONSENT_VERSION
from candidates.services.events import OPERATOR, Actor
from materials import rules
from materials.models import Application, Category
from materials.selectors import items_of
from materials.services.catalogue import DEFAULT_CATALOGUE, create_session, load_catalogue, load_default_reasons
from materials.services.photos import add_photo
from materials.services.roster import load_roster
from materials.services.submission import submit_application

from .services.claims import claim
from .services.verdicts import finish_review, give_verdict

PASSWORD = "portal-demo-2026"  # noqa: S105 - a demonstration's, printed on every start
SESSION = "TJ-2026"
REVIEWERS = (("site1", "王审核", Role.SITE_REVIEWER), ("region1", "赵复核", Role.REGION_REVIEWER))
STAFF = (
    ("staff1", "孙考务", Role.REGION_STAFF),
    ("lead1", "周主任", Role.REGION_LEAD),
    ("admin", "系统管理员", Role.ADMINISTRATOR),
)
PEOPLE = (
    ("TJ26000001", "张晓明", "19950312001", "TJ01", "clinical", "physician", "trial_route", "未激活"),
    ("TJ26000002", "李雨桐", "19960524002", "TJ02", "dental", "assistant", "fresh_graduate|trial_route", "未激活"),
    ("TJ26000003", "王梓涵", "19930718003", "TJ01", "clinical", "physician", "assistant_to_physician", "草稿"),
    ("TJ26000004", "刘思远", "19941130004", "TJ01", "tcm", "physician", "trial_route", "已提交"),
    ("TJ26000005", "陈嘉怡", "19970206005", "TJ01", "clinical", "assistant", "trial_route", "已退回"),
)


def id_number(birth_and_order: str) -> str:
    """A number that passes the check and belongs to nobody: there is no area 120199."""
    digits = "120199" + birth_and_order
    weighted = sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(digits))
    return digits + "10X98765432"[weighted % 11]


def accounts() -> Iterator[str]:
    """The lines that say who can sign in, and with what."""
    for number, name, birth, *_, state in PEOPLE:
        password = "" if state == "未激活" else f"  {PASSWORD}"
        yield f"{number}  {id_number(birth)}{password}  {name}（{state}）"
    for username, name, _role in REVIEWERS + STAFF:
        yield f"{username}  {PASSWORD}  {name}"


@transaction.atomic
def load_demo() -> None:
    """Make the demonstration. The database must have no session TJ-2026 yet."""
    load_default_reasons()
    load_catalogue(OPERATOR, DEFAULT_CATALOGUE.read_bytes())
    region, _ = Region.objects.get_or_create(code="TJ", defaults={"name_zh": "天津", "name_en": "Tianjin"})
    first, _ = Site.objects.get_or_create(
        region=region,
        code="TJ01",
        defaults={"name_zh": "天津医科大学考点", "name_en": "Tianjin Medical University", "contact": "022-0000-0001"},
    )
    Site.objects.get_or_create(
        region=region,
        code="TJ02",
        defaults={"name_zh": "天津中医药大学考点", "name_en": "Tianjin University of TCM", "contact": "022-0000-0002"},
    )
    now = timezone.now()
    session = ExamSession(
        region=region,
        code=SESSION,
        title_zh="2026年医师资格考试（天津考区）报名材料审核",
        title_en="2026 medical licensing exam, Tianjin: review of materials",
        opens_at=now - timedelta(days=5),
        closes_at=now + timedelta(days=5),
        corrections_until=now + timedelta(days=10),
        contact="022-0000-0000",
    )
    create_session(OPERATOR, session)
    for username, name, role in REVIEWERS + STAFF:
        user = User(username=username, name=name, role=role)
        user.region = None if role == Role.ADMINISTRATOR else region
        user.site = first if role == Role.SITE_REVIEWER else None
        user.set_password(PASSWORD)
        user.save()
    load_roster(OPERATOR, session, io.BytesIO(_roster()))
    for number in ("TJ26000003", "TJ26000004", "TJ26000005"):
        _activate(number)
    _hand_in("TJ26000003", only=("ID", "EDU"))
    _hand_in("TJ26000004")
    submit_application(*_candidate("TJ26000004"))
    _hand_in("TJ26000005")
    submit_application(*_candidate("TJ26000005"))
    _return("TJ26000005", "TRIAL")


def _roster() -> bytes:
    lines = ["registration_number,name,id_number,phone,email,site,track,level,flags"]
    for order, (number, name, birth, site, track, level, flags, _state) in enumerate(PEOPLE, start=1):
        mail = f"{number.lower()}@example.com"
        lines.append(f"{number},{name},{id_number(birth)},1380000000{order},{mail},{site},{track},{level},{flags}")
    return "\n".join(lines).encode()


def _candidate(number: str) -> tuple[Actor, Candidate]:
    candidate = Candidate.objects.select_related("user", "session__region", "site").get(registration_number=number)
    return Actor(candidate.user), candidate


def _activate(number: str) -> None:
    """Without the SMS, which only a person can read."""
    _, candidate = _candidate(number)
    candidate.user.set_password(PASSWORD)
    candidate.user.save(update_fields=["password"])
    candidate.activated_at, candidate.consent_version = timezone.now(), CONSENT_VERSION
    candidate.save(update_fields=["activated_at", "consent_version"])


def _hand_in(number: str, only: tuple[str, ...] = ()) -> None:
    """Upload the fewest pictures of each required category, or of those named."""
    actor, candidate = _candidate(number)
    application = Application.objects.get(candidate=candidate)
    for item in items_of(application, candidate):
        if rules.is_required(item.category, candidate) and (not only or item.category.code in only):
            for page in range(1, item.category.min_photos + 1):
                add_photo(actor, candidate, item.category.code, document(candidate, item.category, page))


def document(candidate: Candidate, category: Category, page: int) -> bytes:
    """A drawn document, a JPEG: the font that comes with Pillow has no Chinese, so its words are English."""
    picture = Image.new("RGB", (1240, 860 if category.code == "ID" else 1640), "#f6f1e4")
    draw = ImageDraw.Draw(picture)
    width, height = picture.size
    draw.rectangle((30, 30, width - 30, height - 30), outline="#7a6a4f", width=6)
    draw.text((90, 90), f"{category.name_en}", fill="#222222", font_size=54)
    draw.text((90, 190), f"SAMPLE  {candidate.registration_number}  page {page}", fill="#444444", font_size=40)
    for line in range(300, height - 420, 64):
        # Of another length for each, so that no two documents look nearly the same.
        words = sha256(f"{candidate.registration_number} {category.code} {page}.{line}".encode()).hexdigest()
        words = f"Valid for demonstration only: {words[: 4 + int(words[0], 16)]}"
        draw.text((90, line), words, fill="#333333", font_size=32)
    centre = (width - 260, height - 260)
    draw.ellipse([centre[0] - 150, centre[1] - 150, centre[0] + 150, centre[1] + 150], outline="#c22222", width=12)
    draw.text((centre[0], centre[1]), "SEAL", fill="#c22222", font_size=64, anchor="mm")
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=88)
    return file.getvalue()


def _return(number: str, code: str) -> None:
    """Have the site's reviewer accept everything but one item, and return the application for it."""
    _, candidate = _candidate(number)
    actor = Actor(User.objects.get(username="site1"))
    application = claim(actor, Application.objects.get(candidate=candidate).pk)
    for item in items_of(application, candidate):
        if item.photo_list and item.category.code != code:
            application = give_verdict(
                actor, application.pk, item.category.code, version=application.version, verdict="accepted"
            )
    application = give_verdict(
        actor,
        application.pk,
        code,
        version=application.version,
        verdict="change_requested",
        reason="NO_SEAL",
        note="第二页右下角没有单位公章。",
    )
    finish_review(actor, application.pk, version=application.version, outcome="return", note="请补盖公章后重新提交。")
