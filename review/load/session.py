"""The session that a load is: where it may be made, its sites and reviewers, then its people."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from candidates.enums import Action, Role
from candidates.models import ExamSession, Region, Site, User
from candidates.services.events import OPERATOR, record
from materials.models import Category
from materials.services.catalogue import DEFAULT_CATALOGUE, create_session, load_catalogue, load_default_reasons

from ..demo import SESSION
from .copies import BATCH, SPAN, Copies, Staff
from .courses import COURSES, KINDS, Reviewers, serve

PREFIX = "LOAD-"
CONTACT = "022-0000-0000"
SITES = 12
REGION_REVIEWERS = 6
#: As many as are served one by one; the rest are copies.
PATTERNS = len(KINDS) * len(COURSES)
LEAST, MOST = 100, 5_000_000


def why_not(number: int) -> str:
    """Why no load of this size may be made in this database; empty where it may."""
    if not LEAST <= number <= MOST:
        return f"--candidates must be from {LEAST} to {MOST:,}."
    others = ExamSession.objects.exclude(code=SESSION).exclude(code__startswith=PREFIX)
    if others.exists():
        codes = ", ".join(others.order_by("code").values_list("code", flat=True)[:5])
        return f"This database has sessions of its own ({codes}). Make the load in another one (PORTAL_DATA_DIR)."
    return ""


def make_load(number: int, seed: int) -> Iterator[str]:
    """Make a session of so many candidates; yields what was done, and the session's code last."""
    now = timezone.now()
    # Not one transaction: codes are sent on commit, and a million people are more than one should hold.
    session, staff = _prepare(now)
    order = session.code.removeprefix(PREFIX)
    served = serve(
        session, next(iter(staff.by_site)).code, f"L{order}", Reviewers(staff.pattern_site, staff.pattern_region)
    )
    copies = Copies(session, served, staff)
    for made in copies.make(number - len(served), f"L{order}C", timezone.now(), seed):
        if made % (BATCH * 10) == 0:
            yield f"{made + len(served):,}"
    record(Action.COMMAND_RUN, OPERATOR, session=session, candidates=number, seed=seed)
    if not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    yield f"{number:,} candidates, {number - len(served):,} of them copies"
    yield session.code


@transaction.atomic
def _prepare(now: datetime) -> tuple[ExamSession, Staff]:
    if not Category.objects.filter(session=None).exists():
        load_default_reasons()
        load_catalogue(OPERATOR, DEFAULT_CATALOGUE.read_bytes())
    region, _ = Region.objects.get_or_create(code="TJ", defaults={"name_zh": "天津", "name_en": "Tianjin"})
    sites = [
        Site.objects.get_or_create(
            region=region,
            code=f"TJ{number:02}",
            defaults={
                "name_zh": f"模拟考点{number}",
                "name_en": f"Synthetic site {number}",
                "contact": "022-0000-0000",
            },
        )[0]
        for number in range(1, SITES + 1)
    ]
    order = ExamSession.objects.filter(code__startswith=PREFIX).count() + 1
    session = ExamSession(
        region=region,
        code=f"{PREFIX}{order}",
        title_zh=f"模拟批次 {order}（测量用）",
        title_en=f"Synthetic session {order}, for measuring",
        opens_at=now - SPAN - timedelta(days=2),
        closes_at=now + timedelta(days=5),
        corrections_until=now + timedelta(days=10),
        contact=CONTACT,
    )
    create_session(OPERATOR, session)
    by_site = {site: _reviewer(f"load-{site.code}", Role.SITE_REVIEWER, region, site) for site in sites}
    of_region = [_reviewer(f"load-{n}", Role.REGION_REVIEWER, region) for n in range(1, REGION_REVIEWERS + 1)]
    return session, Staff(by_site[sites[0]], of_region[0], by_site, of_region)


def _reviewer(username: str, role: Role, region: Region, site: Site | None = None) -> User:
    """Somebody who judges, and whom nobody can sign in as."""
    user = User.objects.filter(username=username).first()
    if user is None:
        user = User(username=username, name=f"模拟审核 {username[5:]}", role=role, region=region, site=site)
        user.set_unusable_password()
        user.save()
    return user
