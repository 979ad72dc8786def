"""Editing categories and limits: everything before there are pictures, nothing that makes one wrong afterwards."""

import pytest

from candidates.models import Event
from candidates.refusals import Refusal
from candidates.services.events import Actor
from materials.models import Category
from materials.services.catalogue import load_catalogue, save_category
from tests import factories
from tests.candidates.staff_pages import change, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    return factories.make_session()


@pytest.fixture
def staff(session):
    return factories.region_staff(session.region)


@pytest.fixture
def application(session):
    """Two pictures of EDU, which may have four."""
    application = factories.draft(session)
    factories.make_photo(application, "EDU")
    factories.make_photo(application, "EDU")
    return application


def edit(staff, session, code="EDU", **fields):
    category = Category.objects.get(session=session, code=code)
    for name, value in fields.items():
        setattr(category, name, value)
    save_category(Actor(staff), category, category.version)


WRONG = {
    "too many": {"max_photos": 1},
    "another format": {"formats": ["png"]},
    "too big": {"max_bytes": 1},
    "off": {"requirement": "off"},
    "other level": {"levels": ["assistant"]},
    "other track": {"tracks": ["tcm"]},
    "flag that it has not": {"flags_any": ["military"]},
}


@pytest.mark.parametrize("fields", WRONG.values(), ids=WRONG)
def test_what_would_make_pictures_wrong_is_refused(session, staff, application, fields):
    with pytest.raises(Refusal) as refused:
        edit(staff, session, **fields)

    assert refused.value.code == "unfit"
    assert "2 张" in str(refused.value)
    assert not Event.objects.filter(action="record_changed").exists()


@pytest.mark.parametrize("fields", WRONG.values(), ids=WRONG)
def test_without_pictures_all_of_it_can_be_changed(session, staff, fields):
    edit(staff, session, **fields)

    assert Event.objects.filter(action="record_changed").exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"max_photos": 2},
        {"max_photos": 9},
        {"requirement": "optional"},
        {"levels": ["physician"]},
        {"hint_zh": "另一句"},
        {"max_bytes": 1_000_000},
    ],
    ids=str,
)
def test_what_leaves_them_right_is_stored(session, staff, application, fields):
    edit(staff, session, **fields)

    category = Category.objects.get(session=session, code="EDU")
    assert {name: getattr(category, name) for name in fields} == fields


def test_what_was_wrong_before_stands_in_nobodys_way(session, staff, application):
    """A roster may have changed a candidate's facts: the pictures stay, not asked for."""
    Category.objects.filter(session=session, code="EDU").update(tracks=["tcm"])

    edit(staff, session, hint_zh="另一句")

    assert Category.objects.get(session=session, code="EDU").hint_zh == "另一句"


def test_a_catalogue_is_held_to_the_same(session, staff, application):
    header = "code,name_zh,name_en,min,max,requirement,levels,tracks,flags_any,hint_zh,hint_en\n"
    data = (header + "EDU,毕业证书,Diploma,1,1,required,,,,原件,Original\n").encode()

    with pytest.raises(Refusal, match="2 张"):
        load_catalogue(Actor(staff), data, session)

    assert Category.objects.get(session=session, code="EDU").max_photos == 4


def test_the_page_keeps_what_was_typed(session, staff, application):
    category = Category.objects.get(session=session, code="EDU")

    answer = change(signed_in(staff), category, max_photos="1", name_en="My diploma")

    assert answer.status_code == 422
    html = answer.content.decode()
    assert "其中 2 张" in html
    assert 'value="My diploma"' in html


def test_the_sessions_own_limit_does_not_fall_below_what_is_there(session, staff, application):
    photo = application.items.get().photos.first()
    photo.bytes = 150_000
    photo.save()

    assert change(signed_in(staff), session, max_bytes="100000").status_code == 422
    assert change(signed_in(staff), session, max_bytes="160000").status_code == 303
