"""A reviewer's desk: what reviewers and candidates do between them, through the services and through the pages."""

import re
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from candidates.models import Candidate, User
from candidates.services.events import Actor
from materials.models import Application, Photo, Submission
from materials.selectors import items_of
from materials.services.photos import delete_photo
from materials.services.submission import reply_to_request, submit_application
from review.models import SecondLook
from review.rules import Answer
from review.services import second_looks, verdicts
from tests import factories


def now_of(application: Application) -> Application:
    """The application as it is in the database at this moment."""
    return Application.objects.select_related("candidate", "session__region", "site").get(pk=application.pk)


# --- through the services --------------------------------------------------------------------------


def judge(user: User, application: Application, code: str, verdict: str = "accepted", **fields: Any) -> Application:
    version = now_of(application).version
    return verdicts.give_verdict(Actor(user), application.pk, code, version=version, verdict=verdict, **fields)


def ask(user: User, application: Application, code: str, reason: str = "BLUR", note: str = "") -> Application:
    return judge(user, application, code, "change_requested", reason=reason, note=note)


def accept_all(user: User, application: Application) -> Application:
    application = now_of(application)
    for item in items_of(application, application.candidate):
        if item.photo_list:
            judge(user, application, item.category.code)
    return now_of(application)


def finish(user: User, application: Application, outcome: str, **fields: Any) -> Application:
    version = now_of(application).version
    return verdicts.finish_review(Actor(user), application.pk, version=version, outcome=outcome, **fields)


def unlock(user: User, application: Application, code: str, reason: str = "BLUR", note: str = "") -> Application:
    version = now_of(application).version
    return verdicts.unlock_item(Actor(user), application.pk, code, version=version, reason=reason, note=note)


def pass_through(application: Application, *reviewers: User) -> None:
    """One stage after the other."""
    for reviewer in reviewers:
        accept_all(reviewer, application)
        finish(reviewer, application, "pass", note=f"{reviewer.name}的意见")


def look_again(user: User, look: SecondLook, **answers: Answer) -> SecondLook:
    """A second look that finds everything fine but for these ``answers``, by category code."""
    version = now_of(look.application).version
    fine = dict.fromkeys(("ID", "EDU", "OTHER"), Answer("fine"))
    return second_looks.answer(Actor(user), look.pk, version=version, answers=fine | answers)


def send_for_correction(user: User, application: Application, *codes: str, note: str = "") -> Application:
    """Accept everything, but ask for a change of ``codes``, and return it."""
    accept_all(user, application)
    for code in codes:
        ask(user, application, code, note=note)
    return finish(user, application, "return")


def replace_picture(application: Application, code: str) -> Photo:
    candidate = Candidate.objects.select_related("user").get(pk=application.candidate_id)
    old = Photo.objects.get(item__application=application, item__category__code=code, superseded_at=None, position=1)
    delete_photo(Actor(candidate.user), candidate, code, old.pk)
    return factories.make_photo(now_of(application), code)


def resubmit(application: Application, *codes: str, reply: str = "") -> Submission:
    """The candidate replaces a picture of each of ``codes`` and hands in again."""
    candidate = Candidate.objects.select_related("user").get(pk=application.candidate_id)
    for code in codes:
        replace_picture(application, code)
        if reply:
            reply_to_request(Actor(candidate.user), candidate, code, reply)
    return submit_application(Actor(candidate.user), candidate)


# --- through the pages -----------------------------------------------------------------------------


def signed_in(user: User) -> Client:
    """In English, which the tests can quote."""
    client = Client()
    client.force_login(user, backend="candidates.backends.AccountBackend")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def address(application: Application, rest: str = "") -> str:
    return f"/admin/review/{application.pk}/{rest}"


def press(client: Client, application: Application, rest: str, **fields: Any) -> HttpResponse:
    """Send one of the screen's forms, made from the newest version unless another is given."""
    fields.setdefault("version", now_of(application).version)
    return client.post(address(application, rest), fields)


def page(client: Client, application: Application) -> str:
    response = client.get(address(application))
    assert response.status_code == 200
    return response.content.decode()


def marks(html: str, code: str) -> dict[str, str]:
    """The marks of one item (docs/contract.md, "Marks in the HTML")."""
    tag = re.search(rf'<section[^>]*data-item="{code}"[^>]*>', html)
    assert tag is not None, f"no item {code}"
    return dict(re.findall(r'data-([a-z]+)="([^"]*)"', tag.group()))
