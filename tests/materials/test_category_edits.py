"""Editing categories and limits: everything before there are pictures, nothing that makes one wrong afterwards."""

from functools import partial

import pytest

from candidates.models import Candidate, Event, ExamSession
from candidates.refusals import Refusal, Stale
from candidates.services.events import Actor
from materials.enums import Turn
from materials.models import Category, Photo
from materials.services import catalogue, photos
from materials.services.catalogue import load_catalogue, save_category, save_session
from materials.services.photos import add_photo, turn_photo
from tests import factories
from tests.candidates.staff_pages import change, signed_in
from tests.concurrency import beside, refusals

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


def test_pictures_that_become_right_do_not_make_up_for_those_that_become_wrong(session, staff, application):
    Category.objects.filter(session=session, code="EDU").update(tracks=["tcm"])
    other = factories.draft(session, track="tcm")
    factories.make_photo(other, "EDU")
    factories.make_photo(other, "EDU")

    with pytest.raises(Refusal, match="2 张"):
        edit(staff, session, tracks=["clinical"])


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


# --- while pictures come in ------------------------------------------------------------------------


def fresh(application) -> tuple[Actor, Candidate]:
    candidate = Candidate.objects.select_related("user", "session__region", "site").get(pk=application.candidate_id)
    return Actor(candidate.user), candidate


def while_decoding(monkeypatch, act):
    """Do ``act`` when a picture was read and is not stored yet; once."""
    take_in, acts = photos._take_in, [act]

    def slowly(*given):
        taken = take_in(*given)
        if acts:
            acts.pop()()
        return taken

    monkeypatch.setattr(photos, "_take_in", slowly)


MEANWHILE = {
    "off": ({"requirement": "off"}, "locked"),
    "as many as are there": ({"max_photos": 2}, "full"),
    "another format": ({"formats": ["jpeg", "heic"], "max_photos": 4}, "format"),
    "other level": ({"levels": ["assistant"]}, "locked"),
}


@pytest.mark.parametrize(("fields", "code"), MEANWHILE.values(), ids=MEANWHILE)
def test_a_picture_is_judged_by_what_its_category_takes_when_it_is_stored(
    session, application, monkeypatch, fields, code
):
    picture = factories.picture(9, kind="PNG")
    edu = Category.objects.filter(session=session, code="EDU")
    while_decoding(monkeypatch, lambda: edu.update(**fields))

    with pytest.raises(Refusal) as refused:
        add_photo(*fresh(application), "EDU", picture)

    assert refused.value.code == code
    assert Photo.objects.count() == 2


def test_a_picture_that_comes_or_turns_while_the_limit_falls_fits_the_new_one(session, staff, monkeypatch):
    application = factories.draft(session)
    big = factories.picture(3, size=(1600, 1200))

    def limit(most):
        fallen = ExamSession.objects.get(pk=session.pk)
        fallen.max_bytes = most
        save_session(Actor(staff), fallen, fallen.version)

    while_decoding(monkeypatch, lambda: limit(30_000))
    photo = add_photo(*fresh(application), "EDU", big)
    assert photo.bytes <= 30_000

    # Turned, it may take more bytes than before; not more than are allowed by then.
    Category.objects.filter(session=session, code="EDU").update(max_bytes=300_000)
    while_decoding(monkeypatch, lambda: Category.objects.filter(session=session, code="EDU").update(max_bytes=25_000))
    assert turn_photo(*fresh(application), "EDU", photo.pk, Turn.LEFT).bytes <= 25_000


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["category", "session"])
def test_an_edit_waits_for_the_picture_that_is_being_stored_and_then_sees_it(monkeypatch, what):
    application = factories.draft()
    session = application.session
    actor = Actor(factories.region_staff(session.region))
    picture = factories.picture(3, size=(1600, 1200))
    edits = []

    def off():
        category = Category.objects.get(session=session, code="EDU")
        category.requirement = "off"
        save_category(actor, category, category.version)

    def less():
        smaller = ExamSession.objects.get(pk=session.pk)
        smaller.max_bytes = 20_480
        save_session(actor, smaller, smaller.version)

    store = photos._store

    def slowly(*given):
        edits.append(beside(off if what == "category" else less))
        store(*given)

    monkeypatch.setattr(photos, "_store", slowly)
    add_photo(*fresh(application), "EDU", picture)

    assert Photo.objects.get().bytes > 20_480
    assert refusals([edits[0]()]) == ["unfit"]


@pytest.mark.django_db(transaction=True)
def test_an_edit_that_meets_a_catalogue_is_kept_or_told(monkeypatch):
    session = factories.make_session()
    actor = Actor(factories.region_staff(session.region))
    header = "code,name_zh,name_en,min,max,requirement,levels,tracks,flags_any,hint_zh,hint_en\n"
    data = (header + "EDU,毕业证书,Diploma,1,4,required,,,,原件,Original\n").encode()
    read, edits = catalogue._read_csv, []

    def slowly(given):
        edits.append(beside(partial(edit, actor.user, session, formats=["png"])))
        return read(given)

    monkeypatch.setattr(catalogue, "_read_csv", slowly)
    load_catalogue(actor, data, session)

    (told,) = [isinstance(one(), Stale) for one in edits]
    assert told or Category.objects.get(session=session, code="EDU").formats == ["png"]
