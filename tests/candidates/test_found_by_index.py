"""What staff look up is found by an index, not by reading everybody (docs/quality.md, 37)."""

import pytest
from django.contrib import admin
from django.db import connection
from django.db.models import QuerySet
from django.test import RequestFactory

from candidates.models import Candidate, User
from candidates.selectors import matching
from materials.models import Application
from tests import factories

pytestmark = pytest.mark.django_db


def plan_of(rows: QuerySet) -> str:
    """How PostgreSQL finds these when it reads a table whole only where it has no other way."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
    return rows.explain()


@pytest.mark.parametrize(
    ("typed", "index"), [("张三", "candidate_by_name"), ("TJ26", "candidates_candidate_registration_number_")]
)
def test_the_beginning_of_a_name_or_number(typed, index):
    plan = plan_of(Candidate.objects.filter(matching(typed)).order_by())

    assert index in plan
    assert "Index Cond" in plan


def test_whose_a_sites_applications_in_a_state_are():
    """Without a look at the table: lists are filtered, searched and counted by their candidates."""
    draft = factories.draft(factories.make_session())
    listed = Application.objects.filter(site=draft.site, status=draft.status).order_by()

    assert "Index Only Scan using candidates_of_site" in plan_of(listed.values("candidate"))


def test_the_list_of_accounts():
    request = RequestFactory().get("/")
    request.user = factories.administrator()

    plan = plan_of(admin.site._registry[User].get_queryset(request))

    assert "user_of_staff" in plan
    assert "Seq Scan on candidates_user" not in plan
