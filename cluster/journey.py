"""The whole main job once, through nginx, as people do it: from the code on the phone to the published list."""

from __future__ import annotations

import io
import re
import time
from base64 import b32decode
from datetime import timedelta
from hashlib import sha256

from django.utils import timezone
from django_otp.oath import TOTP

from candidates.enums import Role, Stages
from candidates.models import Candidate, ExamSession
from candidates.services.events import OPERATOR
from candidates.services.sessions import set_windows
from drill.browser import Answer, Browser
from drill.gateway import Gateway
from drill.scene import Scene
from materials.models import Application, Category
from materials.services.catalogue import DEFAULT_CATALOGUE, create_session, load_catalogue
from materials.services.roster import load_roster
from review.demo import document, id_number

CODE, NUMBER, BORN = "JOURNEY-2026", "JN000001", "19910203001"
PASSWORD = "lotus-pond-2026"


class Unexpected(Exception):
    """A step was not answered as it is to anybody in operation."""


class Journey:
    def __init__(self, scene: Scene, gateway: Gateway) -> None:
        self._scene, self._gateway = scene, gateway
        self.steps: list[str] = []
        now = timezone.now()
        self._session = ExamSession(
            region=scene.session.region,
            code=CODE,
            title_zh="全程",
            title_en="Journey",
            opens_at=now - timedelta(days=2),
            closes_at=now + timedelta(days=1),
            corrections_until=now + timedelta(days=1),
            stages=Stages.SITE,
        )
        create_session(OPERATOR, self._session)
        load_catalogue(OPERATOR, DEFAULT_CATALOGUE.read_bytes(), self._session)
        header = "registration_number,name,id_number,phone,email,site,track,level,flags"
        row = f"{NUMBER},全程,{id_number(BORN)},13800000001,,{scene.site.code},clinical,physician,trial_route"
        report = load_roster(OPERATOR, self._session, io.BytesIO(f"{header}\n{row}".encode()))
        if report.faults:
            raise Unexpected(f"roster: {report.faults}")
        for username, role in (("reviewer", Role.SITE_REVIEWER), ("publisher", Role.REGION_STAFF)):
            scene.account(username, role, PASSWORD)

    def go(self) -> None:
        """All of it; raises Unexpected."""
        candidate = self._activate()
        number = self._upload_everything(candidate)
        self._done(f"activated; {number} pictures in every category that applies")
        self._hand_in(candidate, 1)
        reviewer = self._sign_in_staff("reviewer")
        self._review(reviewer, ask="EDU")
        self._correct(candidate)
        self._hand_in(candidate, 2)
        self._review(reviewer, ask=None)
        self._done("submitted, returned, corrected, submitted again, passed")
        self._publish()
        self._expect(candidate.get("/result/"), 200, "the result")
        self._done("published; the list from the replica has the SHA-256 of the publication")

    # --- the candidate ----------------------------------------------------------------------------

    def _activate(self) -> Browser:
        browser = self._scene.browser({})
        self._expect(browser.post("/login/", username=NUMBER, password=id_number(BORN)), 303, "sign in")
        self._expect(browser.post("/activate/code/"), 303, "ask for a code")
        words = next(words for words in reversed(list(self._gateway.words.values())) if "13800000001" in str(words))
        code = re.search(r"(?<!\d)\d{6}(?!\d)", " ".join(words).replace("13800000001", ""))
        if code is None:
            raise Unexpected("no code in the SMS")
        fields = {"code": code[0], "password1": PASSWORD, "password2": PASSWORD, "consent": "on"}
        self._expect(browser.post("/activate/", **fields), 303, "activate")
        return browser

    def _upload_everything(self, browser: Browser) -> int:
        candidate, uploaded = Candidate.objects.get(registration_number=NUMBER), 0
        page = self._expect(browser.get("/materials/"), 200, "the materials").text
        for code, least in re.findall(r'data-item="(\w+)" data-locked="false"[^>]*data-min="(\d+)"', page):
            category = Category.objects.get(session=self._session, code=code)
            for place in range(max(1, int(least))):
                picture = document(candidate, category, place)
                self._expect(browser.upload(code, picture), 303, f"upload {code}")
                uploaded += 1
        page = self._expect(browser.get("/materials/"), 200, "the materials").text
        for photo in re.findall(r'data-photo="([^"]+)"', page)[:3]:
            self._expect(browser.get(f"/photos/{photo}/"), 200, "a picture, sent by nginx from the store")
        return uploaded

    def _correct(self, browser: Browser) -> None:
        candidate, category = (
            Candidate.objects.get(registration_number=NUMBER),
            self._session.categories.get(code="EDU"),
        )
        page = self._expect(browser.get("/materials/EDU/"), 200, "what is to correct").text
        [photo, *_] = re.findall(r'data-photo="([^"]+)"', page)
        self._expect(browser.post(f"/materials/EDU/photos/{photo}/delete/"), 303, "delete")
        self._expect(browser.upload("EDU", document(candidate, category, 9)), 303, "upload again")

    def _hand_in(self, browser: Browser, number: int) -> None:
        page = self._expect(browser.get("/materials/submit/"), 200, "what to check").text
        checked = re.search(r'name="checked" value="(\w+)"', page)
        answer = browser.post("/materials/submit/", checked=checked[1] if checked else "")
        if answer.location != f"/materials/receipt/{number}/":
            raise Unexpected(f"submit: {answer.status} {answer.location} {answer.errors}")
        self._expect(browser.get(answer.location), 200, "the receipt")

    # --- staff ----------------------------------------------------------------------------------------

    def _sign_in_staff(self, username: str) -> Browser:
        """The password, then an app that is set up with the key on the page."""
        browser = self._scene.browser({})
        browser.get("/admin/login/")
        form = {"username": username, "password": PASSWORD, "next": "/admin/"}
        self._expect(browser.post("/admin/login/", **form), 302, f"{username} signs in")
        page = self._expect(browser.get("/admin/second-factor/"), 200, "to set up the second factor").text
        shown = re.search(r'<code class="second-factor-key">([^<]+)</code>', page)
        if shown is None:
            raise Unexpected("no key to set up an app with")
        key = re.sub(r"\s", "", shown[1])
        totp = TOTP(b32decode(key + "=" * (-len(key) % 8)))
        totp.time = time.time()
        self._expect(browser.post("/admin/second-factor/", code=f"{totp.token():06}"), 200, "the second factor")
        return browser

    def _review(self, browser: Browser, ask: str | None) -> None:
        address = browser.get("/admin/review/next/").location
        application = Application.objects.get(candidate__registration_number=NUMBER)
        if str(application.pk) not in address:
            raise Unexpected(f"the next of the queue is {address}")
        items = application.items.filter(photos__superseded_at=None, photos__isnull=False).distinct()
        for code in items.values_list("category__code", flat=True):
            verdict = {"verdict": "accepted"}
            if code == ask:
                verdict = {"verdict": "change_requested", "reason": "BLUR", "note": "请重新拍摄。"}
            self._press(browser, application, f"items/{code}/", **verdict)
        self._press(browser, application, "finish/", outcome="return" if ask else "pass")

    def _press(self, browser: Browser, application: Application, where: str, **fields: str) -> None:
        screen = self._expect(browser.get(f"/admin/review/{application.pk}/"), 200, "the review screen").text
        version = re.search(r'data-version="(\d+)"', screen)
        answer = browser.post(
            f"/admin/review/{application.pk}/{where}", version=version[1] if version else "", **fields
        )
        self._expect(answer, 303, where)

    def _publish(self) -> None:
        self._session.refresh_from_db()
        past = timezone.now() - timedelta(minutes=1)
        set_windows(OPERATOR, CODE, closes_at=past, corrections_until=past)
        browser = self._sign_in_staff("publisher")
        address = f"/admin/sessions/{CODE}/publish/"
        page = self._expect(browser.get(address), 200, "the dry run").text
        version = re.search(r'name="version" value="(\d+)"', page)
        if version is None:
            raise Unexpected("something stands in the way of publishing")
        self._expect(browser.post(address, version=version[1]), 303, "publish")
        file = self._expect(browser.get(f"/admin/export/results.csv?session={CODE}&headers=code"), 200, "the list")
        published = self._session.publications.get()
        if sha256(file.body).hexdigest() != published.sha256:
            raise Unexpected("the list that was exported is not the one that was published")

    def _expect(self, answer: Answer, status: int, what: str) -> Answer:
        if answer.status != status:
            raise Unexpected(f"{what}: {answer.status} {answer.location} {answer.errors}")
        return answer

    def _done(self, step: str) -> None:
        self.steps.append(step)
        print(f"Journey: {step}", flush=True)
