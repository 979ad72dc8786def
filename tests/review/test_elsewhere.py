"""The same picture handed in by another candidate of the session is pointed out to whoever reviews it."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from candidates.models import ExamSession
from materials.models import Application, Photo
from review.selectors import same_elsewhere
from tests import factories

from . import desk


def another(application: Application, session: ExamSession | None = None, **fields: Any) -> Application:
    """An application handed in with the picture that ``application`` has as EDU."""
    other = factories.draft(session or application.session, **fields)
    factories.fill(other)
    same = Photo.objects.get(item__application=application, item__category__code="EDU").pixels_sha256
    Photo.objects.filter(item__application=other, item__category__code="EDU").update(pixels_sha256=same)
    factories.submit(other)
    return other


def test_with_a_link_where_it_is_in_scope(session, application, at_site) -> None:
    other = another(application, site=application.site)

    html = desk.page(desk.signed_in(at_site), application)

    assert f'data-same-picture="{other.candidate.registration_number}"' in html
    assert desk.address(other) in html


def test_without_a_name_where_it_is_not(session, application, at_site) -> None:
    other = another(application, site=factories.SiteFactory(region=session.region))

    html = desk.page(desk.signed_in(at_site), application)

    assert 'data-same-picture=""' in html
    assert other.candidate.registration_number not in html


def test_not_those_of_another_session_nor_drafts_nor_ones_own(application, at_site) -> None:
    another(application, factories.make_session())
    draft = factories.draft(application.session)
    photo = factories.make_photo(draft, "EDU")
    photo.pixels_sha256 = Photo.objects.get(item__application=application, item__category__code="EDU").pixels_sha256
    photo.save()

    assert same_elsewhere(at_site, application) == {}


@pytest.mark.parametrize("others", [0, 1, 3])
def test_the_same_number_of_queries(session, application, at_region, others) -> None:
    for _ in range(others):
        another(application, site=application.site)
    with CaptureQueriesContext(connection) as queries:
        same_elsewhere(at_region, application)

    assert len(queries) == (2 if others else 1)
