"""Who there is: a session, candidates and reviewers, made by the portal's own services and signed in already."""

from __future__ import annotations

import io
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.test import Client
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY

from candidates.enums import Role, Stages
from candidates.models import Authenticator, Candidate, ExamSession, Region, Site, User
from candidates.rules import CONSENT_VERSION
from candidates.services.events import OPERATOR
from candidates.web_sessions import SECOND_FACTOR
from drill.browser import Book, Browser
from drill.ledger import Ledger, Place
from materials import intake
from materials.models import Application, Category
from materials.rules import max_bytes
from materials.services.catalogue import DEFAULT_CATALOGUE, create_session, load_catalogue, load_default_reasons
from materials.services.roster import load_roster
from review.demo import document, id_number

SESSION = "DRILL-2026"
CODES = ("ID", "EDU", "EDUVER")  # two, one to four, and none or up to three


class Scene:
    def __init__(self, port: int, pictures: int) -> None:
        """``pictures``: how many different ones there are to upload, more than an application has places for."""
        self.port = port
        load_default_reasons()
        header, *rows = DEFAULT_CATALOGUE.read_text("utf-8-sig").splitlines()
        load_catalogue(OPERATOR, "\n".join([header, *(row for row in rows if row.split(",")[0] in CODES)]).encode())
        region = Region.objects.create(code="DR", name_zh="演练", name_en="Drill")
        self.site = Site.objects.create(region=region, code="DR01", name_zh="演练考点", name_en="Drill site")
        now = timezone.now()
        self.session = ExamSession(
            region=region,
            code=SESSION,
            title_zh="演练",
            title_en="Drill",
            opens_at=now - timedelta(days=1),
            closes_at=now + timedelta(days=5),
            corrections_until=now + timedelta(days=10),
            stages=Stages.SITE,
        )
        create_session(OPERATOR, self.session)
        self.ledger = Ledger(Book(), self._pictures(pictures))
        self._people = 0

    def _pictures(self, number: int) -> dict[str, bytes]:
        """Drawn documents by the SHA-256 of what the portal makes of them, which is the same every time."""
        category = Category.objects.get(session=self.session, code="EDU")
        policy = intake.Policy(
            formats=frozenset(category.formats),
            max_bytes=max_bytes(category, self.session),
            fit_oversized=self.session.fit_oversized,
        )
        nobody = Candidate(registration_number="DRILL")
        drawn = [document(nobody, category, page) for page in range(number)]
        return {intake.take_in(data, policy).sha256: data for data in drawn}

    def candidates(self, count: int) -> list[Place]:
        """So many new ones, activated."""
        numbers = [f"DR{number:06}" for number in range(self._people, self._people + count)]
        rows = ["registration_number,name,id_number,phone,email,site,track,level,flags"]
        for order, number in enumerate(numbers, self._people):
            person = id_number(f"1990{order // 28 % 12 + 1:02}{order % 28 + 1:02}{order // 336:03}")
            rows.append(f"{number},演练,{person},139{order:08},,DR01,clinical,physician,")
        report = load_roster(OPERATOR, self.session, io.BytesIO("\n".join(rows).encode()))
        assert not report.faults, report.faults
        self._people += count
        Candidate.objects.filter(registration_number__in=numbers).update(
            activated_at=timezone.now(), consent_version=CONSENT_VERSION
        )
        found = Application.objects.filter(candidate__registration_number__in=numbers).select_related("candidate__user")
        places = [self._place(application) for application in found.order_by("candidate")]
        self.ledger.places |= {place.pk: place for place in places}
        return places

    def _place(self, application: Application) -> Place:
        candidate = application.candidate
        pk = UUID(str(application.pk))
        return Place(pk, candidate.registration_number, self._signed_in(candidate.user), self.ledger.tally)

    def reviewer(self, number: int) -> Browser:
        return self._signed_in(self.account(f"drill{number}", Role.SITE_REVIEWER))

    def staff(self, number: int) -> Browser:
        return self._signed_in(self.account(f"staff{number}", Role.REGION_STAFF))

    def account(self, username: str, role: Role, password: str | None = None) -> User:
        """Without a password nobody signs in with one."""
        site = self.site if role == Role.SITE_REVIEWER else None
        user = User(username=username, name=username, role=role, region=self.session.region, site=site)
        user.set_password(password)
        user.save()
        return user

    def _signed_in(self, user: User) -> Browser:
        """Passwords are not what is tried here, and cost half a second each."""
        client = Client()
        client.force_login(user, backend="candidates.backends.AccountBackend")
        if user.is_staff and settings.STAFF_SECOND_FACTOR:
            session = client.session
            app = Authenticator.objects.create(user=user, name="app")
            session[DEVICE_ID_SESSION_KEY], session[SECOND_FACTOR] = app.persistent_id, True
            session.save()
        name = settings.SESSION_COOKIE_NAME
        return self.browser({name: client.cookies[name].value})

    def browser(self, cookies: dict[str, str]) -> Browser:
        return Browser(self.port, self.ledger.book, cookies, is_tls=settings.SESSION_COOKIE_SECURE)
