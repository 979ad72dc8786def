"""Nearly the same picture handed in by another candidate of the session is pointed out to whoever reviews it."""

import re
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image, ImageEnhance

from candidates.models import ExamSession
from materials.intake.likeness import OUTLINES_APART
from materials.models import Application, Likeness, Photo
from review.selectors import Alike, alike_elsewhere
from tests import factories, pictures

from . import desk

PAGE = pictures.document(900, 1200)
LAST_BY_OUTLINE = {name: F(name) + OUTLINES_APART for name in Likeness.OUTLINE}


def handed_in(session: ExamSession, *looks: Image.Image, code: str = "EDU", **fields: Any) -> Application:
    application = factories.draft(session, **fields)
    for page in looks:
        factories.make_photo(application, code, looks=page)
    factories.submit(application)
    return application


def made_anew(page: Image.Image) -> Image.Image:
    """As somebody hands in what is not theirs: lighter, smaller, encoded again."""
    return pictures.decoded(pictures.encoded(ImageEnhance.Brightness(page).enhance(1.1).resize((700, 933)), quality=60))


def picture(application: Application, code: str = "EDU") -> Photo:
    return Photo.objects.get(item__application=application, item__category__code=code)


def similar(html: str) -> list[str]:
    return re.findall(r'data-similar-picture="([^"]*)"', html)


def test_with_a_link_and_the_picture_where_it_is_in_scope(session, at_site) -> None:
    mine = handed_in(session, PAGE, site=at_site.site)
    other = handed_in(session, made_anew(PAGE), site=at_site.site)

    html = desk.page(desk.signed_in(at_site), mine)

    assert similar(html) == [other.candidate.registration_number]
    assert desk.address(other) in html
    assert f"/photos/{picture(other).pk}/thumb/" in html
    assert similar(desk.page(desk.signed_in(at_site), other)) == [mine.candidate.registration_number]


def test_without_a_name_or_a_picture_where_it_is_not(session, at_site) -> None:
    mine = handed_in(session, PAGE, site=at_site.site)
    other = handed_in(session, made_anew(PAGE), site=factories.SiteFactory(region=session.region))

    html = desk.page(desk.signed_in(at_site), mine)

    assert similar(html) == [""]
    assert other.candidate.registration_number not in html
    assert alike_elsewhere(at_site, mine) == {picture(mine).pk: [Alike(None, None)]}


def test_in_another_item_too(session, at_region) -> None:
    mine = handed_in(session, PAGE)
    other = handed_in(session, made_anew(PAGE), code="OTHER")

    assert [alike.photo for alike in alike_elsewhere(at_region, mine)[picture(mine).pk]] == [picture(other, "OTHER")]


def test_the_same_form_of_somebody_else_is_not(session, at_region) -> None:
    filled_in = PAGE.copy()
    filled_in.paste(pictures.document(900, 1200, seed=5).crop((300, 500, 600, 540)), (300, 500))
    mine = handed_in(session, PAGE)
    handed_in(session, filled_in)

    assert alike_elsewhere(at_region, mine) == {}


def test_nor_one_of_another_session_a_draft_a_replaced_one_or_ones_own(session, at_region) -> None:
    mine = handed_in(session, PAGE, made_anew(PAGE))
    handed_in(factories.make_session(region=session.region), PAGE)
    factories.make_photo(factories.draft(session), "EDU", looks=PAGE)
    replaced = handed_in(session, PAGE)
    replaced.items.update(locked=False)
    Photo.objects.filter(item__application=replaced).update(superseded_at=timezone.now())

    assert alike_elsewhere(at_region, mine) == {}


def test_the_same_picture_is_told_once(session, at_region) -> None:
    mine, other = (factories.draft(session) for _ in range(2))
    for application in (mine, other):
        factories.make_photo(application, "EDU", seed=1, looks=PAGE)
        factories.submit(application)

    html = desk.page(desk.signed_in(at_region), mine)

    assert f'data-same-picture="{other.candidate.registration_number}"' in html
    assert similar(html) == []


def test_the_nearest_three_first_and_that_there_are_more(session, at_site) -> None:
    mine = handed_in(session, PAGE, site=at_site.site)
    rough = [handed_in(session, made_anew(PAGE), site=at_site.site) for _ in range(3)]
    nearest = handed_in(session, PAGE, site=at_site.site)
    Likeness.objects.filter(photo=picture(nearest)).update(**LAST_BY_OUTLINE)

    html = desk.page(desk.signed_in(at_site), mine)

    first, *rest = similar(html)
    assert first == nearest.candidate.registration_number
    assert len(rest) == 2
    assert set(rest) < {other.candidate.registration_number for other in rough}
    assert "the pictures of 4 others" in html


def test_only_the_nearest_are_compared(session, at_region) -> None:
    mine = handed_in(session, PAGE)
    handed_in(session, made_anew(PAGE))
    nearest = handed_in(session, PAGE)

    assert alike_elsewhere(at_region, mine, compared=2)[picture(mine).pk][0].application == nearest
    assert len(alike_elsewhere(at_region, mine, compared=2)[picture(mine).pk]) == 1


def test_the_candidate_hears_nothing_of_it(client, session) -> None:
    mine = handed_in(session, PAGE)
    handed_in(session, made_anew(PAGE))
    client.force_login(mine.candidate.user, backend="candidates.backends.AccountBackend")

    for address in ("/materials/", "/materials/EDU/"):
        assert "similar" not in client.get(address).content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_same_number_of_queries(session, at_region, count) -> None:
    pages = [pictures.document(900, 1200, seed=seed) for seed in range(count)]
    mine = handed_in(session, *pages)
    for page in pages:
        handed_in(session, made_anew(page))
    with CaptureQueriesContext(connection) as queries:
        found = alike_elsewhere(at_region, mine)

    assert len(found) == count
    assert len(queries) == 5


def test_a_likeness_that_is_not_whole_is_refused(session) -> None:
    photo = factories.make_photo(factories.draft(session), "EDU", looks=PAGE)

    with pytest.raises(IntegrityError, match="likeness_is_whole"):
        Likeness.objects.filter(photo=photo).update(grid=b"half")
