"""The published list is known by its SHA-256, which anybody can recompute as long as it is published."""

import hashlib
import io
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from candidates.models import Event, Region, Site, User
from candidates.refusals import Refusal
from candidates.services.events import OPERATOR, Actor
from candidates.services.sessions import save_record
from materials.models import Application, Reason
from materials.services.roster import load_roster
from review.export.columns import copy_statement
from review.models import Publication
from review.services.publication import publish_results, withdraw_results
from tests import factories
from tests.candidates.staff_pages import change, change_address, signed_in
from tests.concurrency import at_once, refusals

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    """One application in each state that may be published, rejected for a reason, the windows closed."""
    session = factories.make_session()
    for make in (factories.draft, factories.returned):
        make(session)
    for status in ("passed", "rejected"):
        factories.decided(status, session, name="欧阳，“明”", note="材料齐全\n同意")
    factories.close_window(session)
    return session


@pytest.fixture
def staff(session):
    return factories.region_staff(session.region)


@pytest.fixture
def publication(session, staff):
    return publish_results(Actor(staff), session.code)


def exported(user, session) -> str:
    """What ``sha256sum`` says of the downloaded file."""
    response = signed_in(user).get(reverse("export_results"), {"session": session.code, "headers": "code"})
    return hashlib.sha256(b"".join(response.streaming_content)).hexdigest()


def test_the_sum_is_that_of_the_export_for_whoever_exports(session, staff, publication):
    assert Publication.objects.get().sha256 == publication.sha256
    for user in (staff, factories.administrator()):
        assert exported(user, session) == publication.sha256
    assert Event.objects.get(action="published").facts["sha256"] == publication.sha256


def test_the_command_says_the_sum_and_its_own_export_has_it(session, monkeypatch):
    said = io.StringIO()
    call_command("publish_results", session=session.code, stdout=said)
    file = io.StringIO()
    call_command("export_results", session=session.code, headers="code", stdout=file)

    assert Publication.objects.get().sha256 in said.getvalue()
    assert hashlib.sha256(file.getvalue().encode()).hexdigest() == Publication.objects.get().sha256


def test_computing_the_sum_is_no_export(session, publication):
    assert not Event.objects.filter(action="exported").exists()


def test_what_is_published_again_unchanged_has_the_same_sum(session, staff, publication):
    before = exported(staff, session)
    withdraw_results(Actor(staff), session.code, "名单有误")
    assert exported(staff, session) != before  # states again, not results

    assert publish_results(Actor(staff), session.code).sha256 == publication.sha256


def test_what_is_published_again_corrected_has_another(session, staff, publication):
    withdraw_results(Actor(staff), session.code, "名单有误")
    candidate = session.candidates.first()
    candidate.name = "改名"
    candidate.save()

    assert publish_results(Actor(staff), session.code).sha256 != publication.sha256


# --- nothing changes the sum without a withdrawal --------------------------------------------------


FROZEN = [
    "materials_application SET rounds = rounds + 1",
    "materials_application SET submitted_at = now()",
    "materials_application SET decided_at = now()",
    "materials_application SET site_id = (SELECT max(id) FROM candidates_site)",
    "candidates_site SET code = code || 'X'",
    "candidates_region SET time_zone = 'Asia/Urumqi'",
    "candidates_user SET username = username || 'X' WHERE role <> 'candidate'",
    "materials_reason SET code = code || 'X'",
    "review_publication SET sha256 = repeat('0', 64)",
    "review_publication SET number = 9",
    "review_publication SET counts = '{}'",
]


@pytest.mark.parametrize("update", FROZEN)
def test_plain_sql_changes_nothing_that_the_list_says(session, staff, publication, update):
    factories.SiteFactory(region=session.region)

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {update}")

    assert exported(staff, session) == publication.sha256


def test_a_publication_is_not_removed(publication):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        publication.delete()


def roster(candidate, **changes) -> bytes:
    row = {
        "registration_number": candidate.registration_number, "name": candidate.name,
        "id_number": candidate.id_number, "phone": candidate.phone, "email": candidate.email,
        "site": candidate.site.code, "track": candidate.track, "level": candidate.level, "flags": "",
    } | changes  # fmt: skip
    return f"{','.join(row)}\n{','.join(row.values())}\n".encode()


@pytest.mark.parametrize("changes", [{"name": "改名"}, {"level": "assistant"}, {"registration_number": "TJ99999999"}])
def test_no_roster_changes_the_list(session, staff, publication, changes):
    candidate = session.candidates.select_related("site").first()

    with pytest.raises(Refusal) as refused:
        load_roster(Actor(staff), session, BytesIO(roster(candidate, **changes)))

    assert refused.value.code == "published"
    assert exported(staff, session) == publication.sha256


def test_what_is_not_in_the_list_may_change(session, staff, publication):
    reviewer = User.objects.filter(role="region_reviewer").first()
    reviewer.name, reviewer.is_active = "改名", False
    reviewer.save()
    Reason.objects.update(sentence_zh="改了")
    Site.objects.update(name_zh="改名考点", contact="010")
    Region.objects.update(name_zh="改名考区")

    assert exported(staff, session) == publication.sha256


def test_the_page_says_why_a_published_sites_code_stays(session, staff, publication):
    site, client = session.region.sites.get(), signed_in(staff)

    response = change(client, site, code="NEW")

    assert response.status_code == 409
    assert session.code in str(response.context["adminform"].form.errors)
    assert change(client, site, name_zh="新名").status_code == 303
    empty = factories.SiteFactory(region=session.region)
    assert change(client, empty, code="NEW").status_code == 303
    withdraw_results(Actor(staff), session.code, "名单有误")
    assert change(client, site, code="NEW2").status_code == 303


def test_the_page_says_why_a_published_regions_time_zone_stays(session, publication):
    admin = signed_in(factories.administrator())

    response = change(admin, session.region, time_zone="Asia/Urumqi")

    assert response.status_code == 409
    assert session.code in str(response.context["adminform"].form.errors)


def test_the_order_is_by_bytes_whatever_the_database_sorts_by(session):
    """The embedded server has no other order to try it with."""
    assert 'COLLATE "C"' in copy_statement(Application.objects.filter(session=session))


@pytest.mark.django_db(transaction=True)
def test_a_sites_code_that_changes_while_the_list_is_published_is_in_it_or_stays():
    for number in range(6):
        session = factories.make_session()
        factories.decided("passed", session)
        factories.close_window(session)
        staff, site = factories.region_staff(session.region), session.region.sites.get()
        site.code = f"NEW{number}"

        results = at_once(
            lambda s=site: save_record(OPERATOR, s, s.version),
            lambda s=session, u=staff: publish_results(Actor(u), s.code),
        )

        assert refusals(results) in ([], ["published"])
        assert exported(staff, session) == Publication.objects.get(session=session).sha256


@pytest.mark.django_db(transaction=True)
def test_a_roster_that_meets_a_publication_is_in_the_list_or_refused():
    for _ in range(4):
        session = factories.make_session()
        application = factories.decided("passed", session)
        factories.close_window(session)
        staff = factories.region_staff(session.region)
        data = roster(application.candidate, name="改名")

        results = at_once(
            lambda s=session, u=staff, d=data: load_roster(Actor(u), s, BytesIO(d)),
            lambda s=session, u=staff: publish_results(Actor(u), s.code),
        )

        assert refusals(results) in ([], ["published"])
        assert exported(staff, session) == Publication.objects.get(session=session).sha256


# --- where it is shown -----------------------------------------------------------------------------


def test_the_pages_show_number_and_sum_and_how_to_check(session, staff, publication):
    client = signed_in(staff)
    pages = [
        reverse("staff_publish", args=[session.code]),
        reverse("staff_withdraw", args=[session.code]),
        change_address(publication),
    ]
    for address in pages:
        html = client.get(address).content.decode()
        assert publication.sha256 in html
        assert f"sha256sum results-{session.code}.csv" in html
    assert publication.sha256 in client.get(reverse("admin:review_publication_changelist")).content.decode()


def test_a_publication_from_before_there_were_sums_shows_none(session, staff):
    Publication.objects.create(session=session, number=1, counts={}, published_by=staff)
    type(session).objects.filter(pk=session.pk).update(published_at=timezone.now() - timedelta(days=1))

    html = signed_in(staff).get(reverse("staff_withdraw", args=[session.code])).content.decode()

    assert "sha256sum" not in html
