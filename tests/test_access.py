"""Who may open what: one table of every address × every role × its answer (docs/quality.md, 18).

An address that is not in the table fails the suite. The Django admin's own addresses are judged
together: who may enter, and that what is not yours does not exist.
"""

import re
from functools import cached_property
from typing import Any
from uuid import uuid4

import pytest
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from review.models import Claim, SecondLook
from tests import factories

pytestmark = pytest.mark.django_db

ROLES = ["nobody", "new", "owner", "other", "site1", "site2", "region1", "staff1", "lead1", "staff2", "admin"]
# 302: to a sign-in (or, for a new candidate, to activation). As without a second factor; with it:
# tests/candidates/test_second_factor.py. What each column is: see ``cast``.
TABLE = """
GET  home               200 200 200 200 200 200 200 200 200 200 200
GET  login              200 302 302 302 302 302 302 302 302 302 302
POST login              422 422 422 422 422 422 422 422 422 422 422
GET  sms_sign_in        200 302 302 302 302 302 302 302 302 302 302
POST sms_sign_in        422 422 422 422 422 422 422 422 422 422 422
GET  sms_sign_in_code   302 302 302 302 302 302 302 302 302 302 302
POST sms_sign_in_code   422 422 422 422 422 422 422 422 422 422 422
GET  password_forgotten 200 302 302 302 302 302 302 302 302 302 302
POST password_forgotten 422 422 422 422 422 422 422 422 422 422 422
GET  password_forgotten_code 302 302 302 302 302 302 302 302 302 302 302
POST password_forgotten_code 422 422 422 422 422 422 422 422 422 422 422
GET  password           302 302 200 200 404 404 404 404 404 404 404
POST password           302 302 422 422 404 404 404 404 404 404 404
POST logout             303 303 303 303 303 303 303 303 303 303 303
GET  activate           302 200 302 302 404 404 404 404 404 404 404
POST activate           302 422 302 302 404 404 404 404 404 404 404
POST activation_code    302 303 303 303 404 404 404 404 404 404 404
GET  notice             302 200 200 200 404 404 404 404 404 404 404
POST notice             302 422 422 422 404 404 404 404 404 404 404
GET  registration       302 302 200 200 404 404 404 404 404 404 404
GET  materials          302 302 200 200 404 404 404 404 404 404 404
GET  category           302 302 200 200 404 404 404 404 404 404 404
POST category           302 302 409 422 404 404 404 404 404 404 404
POST delete_photo       302 302 409 404 404 404 404 404 404 404 404
POST restore_photo      302 302 409 404 404 404 404 404 404 404 404
POST move_photo         302 302 409 404 404 404 404 404 404 404 404
POST turn_photo         302 302 409 404 404 404 404 404 404 404 404
POST not_applicable     302 302 409 303 404 404 404 404 404 404 404
POST reply              302 302 409 409 404 404 404 404 404 404 404
GET  submit             302 302 302 200 404 404 404 404 404 404 404
POST submit             302 302 303 422 404 404 404 404 404 404 404
GET  receipt            302 302 200 404 404 404 404 404 404 404 404
GET  receipt_pdf        302 302 200 404 404 404 404 404 404 404 404
GET  receipt_check      200 200 200 200 200 200 200 200 200 200 200
GET  deadline           302 302 404 200 404 404 404 404 404 404 404
GET  photo              302 404 200 404 200 404 200 200 200 404 200
GET  thumb              302 404 200 404 200 404 200 200 200 404 200
GET  messages           302 302 200 200 404 404 404 404 404 404 404
POST messages_read      302 302 303 303 404 404 404 404 404 404 404
GET  result             302 302 200 200 404 404 404 404 404 404 404
GET  timeline           302 302 200 200 404 404 404 404 404 404 404
POST set_language       303 303 303 303 303 303 303 303 303 303 303
GET  healthz            200 200 200 200 200 200 200 200 200 200 200
GET  readyz             200 200 200 200 200 200 200 200 200 200 200
GET  metrics            404 404 404 404 404 404 404 404 404 404 404
GET  too_large          413 413 413 413 413 413 413 413 413 413 413
GET  own_password       302 302 302 302 200 200 200 200 200 200 200
POST own_password       302 302 302 302 200 200 200 200 200 200 200
GET  second_factor      302 302 302 302 404 404 404 404 404 404 404
POST second_factor      302 302 302 302 404 404 404 404 404 404 404
GET  second_factor_own  302 302 302 302 404 404 404 404 404 404 404
POST second_factor_own  302 302 302 302 404 404 404 404 404 404 404
GET  review_next        302 302 302 302 302 404 404 404 404 404 302
GET  review_screen      302 302 302 302 200 404 200 200 200 404 200
POST review_claim       302 302 302 302 303 404 409 403 403 404 303
POST review_release     302 302 302 302 303 404 303 303 303 404 303
POST review_verdict     302 302 302 302 303 404 409 403 403 404 303
POST review_skip        302 302 302 302 303 404 409 403 403 404 303
POST review_leave       302 302 302 302 204 404 204 204 204 404 204
POST review_beat        302 302 302 302 409 404 409 403 403 404 409
POST review_ahead       302 302 302 302 200 404 200 200 200 404 200
POST review_turn        302 302 302 302 303 404 303 403 403 404 303
POST review_take_over   302 302 302 302 403 404 403 403 403 404 303
POST review_accept_rest 302 302 302 302 303 404 409 403 403 404 303
POST review_queue       302 302 302 302 303 303 303 303 303 303 303
POST review_finish      302 302 302 302 422 404 409 403 403 404 422
POST review_unlock      302 302 302 302 422 404 409 403 403 404 422
GET  review_second_next 302 302 302 302 302 302 302 302 302 302 302
GET  review_second      302 302 302 302 403 404 200 403 403 404 200
POST review_second      302 302 302 302 403 404 422 403 403 404 422
GET  staff_setup        302 302 302 302 403 403 403 200 200 404 200
GET  staff_notice       302 302 302 302 403 403 403 200 200 404 200
POST staff_notice       302 302 302 302 403 403 403 422 422 404 422
GET  staff_preview      302 302 302 302 403 403 403 302 302 404 302
GET  staff_preview_page 302 302 302 302 403 403 403 200 200 404 200
POST staff_preview_page 302 302 302 302 403 403 403 303 303 404 303
GET  staff_roster       302 302 302 302 403 403 403 200 200 404 200
POST staff_roster       302 302 302 302 403 403 403 422 422 404 422
GET  staff_publish      302 302 302 302 403 403 403 200 200 404 200
POST staff_publish      302 302 302 302 403 403 403 409 409 404 409
GET  staff_withdraw     302 302 302 302 403 403 403 200 200 404 200
POST staff_withdraw     302 302 302 302 403 403 403 409 409 404 409
GET  staff_progress     302 302 302 302 403 403 403 200 200 404 200
GET  staff_messages     302 302 302 302 403 403 403 200 200 404 200
POST staff_messages     302 302 302 302 403 403 403 303 303 404 303
GET  staff_circular     302 302 302 302 403 403 403 200 200 404 200
POST staff_circular     302 302 302 302 403 403 403 422 422 404 422
GET  staff_reviews      302 302 302 302 403 403 403 200 200 404 200
GET  staff_disagreements 302 302 302 302 403 403 403 200 200 404 200
POST staff_disagreements 302 302 302 302 403 403 403 422 422 404 422
GET  staff_export       302 302 302 302 403 403 403 200 200 404 200
GET  staff_phone        302 302 302 302 200 404 403 200 200 404 200
POST staff_phone        302 302 302 302 422 404 403 422 422 404 422
GET  staff_erasure      302 302 302 302 403 404 403 200 200 404 200
POST staff_erasure      302 302 302 302 403 404 403 422 422 404 422
GET  staff_extension    302 302 302 302 403 404 403 200 200 404 200
POST staff_extension    302 302 302 302 403 404 403 422 422 404 422
GET  export_session     302 302 302 302 403 403 403 200 200 200 200
GET  export_results     302 302 302 302 403 403 403 200 200 404 200
GET  export_workbook    302 302 302 302 403 403 403 200 200 404 200
"""


def rows() -> list[tuple[str, str, list[int]]]:
    lines = [line.split() for line in TABLE.strip().splitlines()]
    return [(method, name, [int(status) for status in statuses]) for method, name, *statuses in lines]


def named_addresses(resolver: URLResolver | None = None) -> set[str]:
    """Names of all addresses but the Django admin's own."""
    found = set()
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            if pattern.app_name != admin.site.name:
                found |= named_addresses(pattern)
        elif isinstance(pattern, URLPattern):
            found.add(pattern.name or str(pattern.pattern))
    return found


class Cast:
    """One submitted application with its owner, and everybody else."""

    def __init__(self) -> None:
        self.session = factories.make_session(codes=("ID", "EDU", "OTHER"))
        region = self.session.region
        site = region.sites.get()
        self.application = factories.submitted(self.session)
        other_session = factories.make_session()
        self.users: dict[str, Any] = {
            "nobody": None,
            "new": factories.make_candidate(self.session, activated=False).user,
            "owner": self.application.candidate.user,
            "other": factories.make_candidate(self.session).user,
            "site1": factories.site_reviewer(site),
            "site2": factories.site_reviewer(factories.SiteFactory(region=region)),
            "region1": factories.region_reviewer(region),
            "staff1": factories.region_staff(region),
            "lead1": factories.region_lead(region),
            "staff2": factories.region_staff(other_session.region),
            "admin": factories.administrator(),
        }

    @cached_property
    def look(self) -> SecondLook:
        """A second look at another application of the owner's site, which reviewers outside the cast passed."""
        self.session.second_look_percent = 100
        self.session.save()
        passed = factories.decided("passed", self.session, site=self.application.site)
        return passed.second_looks.get()

    def client(self, role: str) -> Client:
        client = Client()
        if self.users[role] is not None:
            client.force_login(self.users[role], backend="candidates.backends.AccountBackend")
        return client

    def address(self, name: str) -> str:
        photo = self.application.items.get(category__code="EDU").photos.get()
        arguments = {
            "category": {"code": "OTHER"},
            "delete_photo": {"code": "EDU", "photo_id": photo.pk},
            "restore_photo": {"code": "EDU", "photo_id": photo.pk},
            "move_photo": {"code": "EDU", "photo_id": photo.pk},
            "turn_photo": {"code": "EDU", "photo_id": photo.pk},
            "not_applicable": {"code": "OTHER"},
            "reply": {"code": "EDU"},
            "receipt": {"number": 1},
            "receipt_pdf": {"number": 1},
            "photo": {"photo_id": photo.pk},
            "thumb": {"photo_id": photo.pk},
            "review_turn": {"pk": self.application.pk, "photo_id": photo.pk},
            "review_verdict": {"pk": self.application.pk, "code": "EDU"},
            "review_unlock": {"pk": self.application.pk, "code": "EDU"},
        }
        if name == "review_second":
            arguments[name] = {"pk": self.look.pk}
        if name.startswith("review_") and name not in arguments and not name.endswith(("_next", "_queue")):
            arguments[name] = {"pk": self.application.pk}
        if name == "staff_extension":
            arguments[name] = {"pk": self.application.pk}
        elif name == "staff_preview_page":
            arguments[name] = {"code": self.session.code, "facts": "physician-clinical-open", "rest": "materials/"}
        elif name in ("staff_phone", "staff_erasure"):
            arguments[name] = {"pk": self.application.candidate_id}
        elif name.startswith("staff_"):
            arguments[name] = {"code": self.session.code}
        return reverse(name, kwargs=arguments.get(name))

    def start_again(self) -> None:
        """Undo what one role did, as far as it matters to the next."""
        Claim.objects.all().delete()
        self.application.refresh_from_db()

    def data(self, name: str) -> dict[str, Any]:
        picture = SimpleUploadedFile("a.jpg", b"not a picture")
        version = {"version": self.application.version}
        return {
            "category": {"photo": picture},
            "staff_publish": {"version": self.session.version},
            "staff_withdraw": {"version": self.session.version, "reason": "wrong"},
            "export_results": {"session": self.session.code},
            "export_workbook": {"session": self.session.code},
            "not_applicable": {"value": "on"},
            "move_photo": {"to": 1},
            "turn_photo": {"turn": "left"},
            "review_turn": {"turn": "left"},
            "set_language": {"language": "en"},
            "review_verdict": {**version, "verdict": "accepted"},
            "review_finish": {**version, "outcome": "pass"},
            "review_unlock": version,
            "review_accept_rest": version,
        }.get(name, {})


@pytest.fixture
def cast() -> Cast:
    return Cast()


def test_every_address_is_in_the_table():
    assert named_addresses() == {name for _method, name, _statuses in rows()}


@pytest.mark.parametrize(("method", "name", "statuses"), rows(), ids=lambda value: str(value)[:24])
def test_answers(cast, method, name, statuses):
    answers = []
    for role in ROLES:
        request = getattr(cast.client(role), method.lower())
        answers.append(request(cast.address(name), cast.data(name)).status_code)
        cast.start_again()

    assert f"{method} {name} {answers}" == f"{method} {name} {statuses}"


def test_a_wrong_method_is_not_an_error(cast):
    for method, name, _statuses in rows():
        if method == "POST" and ("GET", name) not in {(m, n) for m, n, _ in rows()}:
            assert cast.client("owner").get(cast.address(name)).status_code in (302, 405), name


def test_nothing_is_written_without_a_csrf_token(cast):
    for method, name, _statuses in rows():
        if method == "POST":
            client = Client(enforce_csrf_checks=True)
            client.force_login(cast.users["owner"], backend="candidates.backends.AccountBackend")
            assert client.post(cast.address(name), cast.data(name)).status_code == 403, name


# GETs that write, and what: see docs/decisions.md, 10.
WRITING_GETS = {"review_next": {"review_claim", "candidates_event"}, "photo": {"candidates_event"}}
WRITING_GETS["review_second_next"] = {"review_secondlook", "candidates_event"}
WRITING_GETS |= dict.fromkeys(["thumb", "export_results", "export_workbook"], WRITING_GETS["photo"])


def test_a_get_writes_nothing(cast):
    written: set[str] = set()

    def watch(execute: Any, sql: str, *arguments: Any) -> Any:
        found = re.match(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM|TRUNCATE)\s+"?(\w+)', sql)
        if found:
            written.add(found[1])
        return execute(sql, *arguments)

    for method, name, _statuses in rows():
        for role in ROLES if method == "GET" else ():
            client, address = cast.client(role), cast.address(name)
            written.clear()
            with connection.execute_wrapper(watch):
                client.get(address, cast.data(name))
            assert written <= WRITING_GETS.get(name, set()), f"GET {name} by {role} writes {written}"


# --- the Django admin's own ------------------------------------------------------------------------


def test_no_list_of_the_admin_has_actions(rf, cast):
    """One would be a way to act that the table above does not know."""
    for user in filter(None, cast.users.values()):
        request = rf.get("/admin/")
        request.user = user
        assert [model for model in admin.site._registry.values() if model.get_actions(request)] == []


ADMIN_ROLES = ("site1", "region1", "staff1", "lead1", "admin")


def test_only_staff_enter_the_admin(cast):
    for role in ROLES:
        status = cast.client(role).get("/admin/").status_code
        assert status == (302 if role in ("nobody", "new", "owner", "other") else 200), role


@pytest.mark.parametrize(
    "model", sorted(admin.site._registry, key=lambda model: model._meta.label), ids=lambda m: m.__name__
)
def test_admin_lists_open_for_those_who_may_and_nobody_deletes(cast, model):
    options = model._meta
    for role in ROLES:
        user = cast.users[role]
        allowed = user is not None and user.is_staff and user.has_perm(f"{options.app_label}.view_{options.model_name}")
        status = (
            cast.client(role).get(reverse(f"admin:{options.app_label}_{options.model_name}_changelist")).status_code
        )
        expected = 302 if user is None or not user.is_staff else 200 if allowed else 403
        assert status == expected, (role, model)
        if user is not None:
            assert not user.has_perm(f"{options.app_label}.delete_{options.model_name}")


def test_what_does_not_exist_is_404_for_everybody_inside(cast):
    for role in ADMIN_ROLES:
        assert cast.client(role).get(f"/admin/review/{uuid4()}/").status_code == 404
