"""Nothing lost, nothing twice: uploads, deletions and submissions that meet (docs/quality.md, 27 to 29)."""

from functools import partial

import pytest

from candidates.models import Candidate, Event, Message
from candidates.services.events import Actor
from materials.models import Application, Item, Photo, Submission
from materials.services import photos
from materials.services.photos import add_photo, delete_photo
from materials.services.submission import submit_application
from tests import factories
from tests.concurrency import at_once, refusals

pytestmark = pytest.mark.django_db(transaction=True)


def fresh(application: Application) -> tuple[Actor, Candidate]:
    """As each request has them: read anew, so that no two threads share an object."""
    candidate = Candidate.objects.select_related("user", "session__region", "site").get(pk=application.candidate_id)
    return Actor(candidate.user), candidate


def upload(application: Application, code: str, seed: int) -> Photo:
    return add_photo(*fresh(application), code, factories.picture(seed))


@pytest.mark.parametrize("uploads", [2, 20])
def test_one_upload_wins_the_last_place_and_the_others_are_told(uploads):
    application = factories.draft()
    factories.make_photo(application, "ID")

    results = at_once(*(partial(upload, application, "ID", seed) for seed in range(uploads)))

    assert refusals(results) == ["full"] * (uploads - 1)
    positions = Photo.objects.filter(item__application=application).values_list("position", flat=True)
    assert sorted(positions) == [1, 2]


def test_the_first_upload_of_an_item_may_come_twice_at_once():
    application = factories.draft()

    results = at_once(*(partial(upload, application, "EDU", seed) for seed in range(3)))

    assert refusals(results) == []
    assert Item.objects.get(application=application).photos.count() == 3


def test_the_same_picture_sent_twice_at_once_is_taken_once():
    application = factories.draft()

    results = at_once(*(partial(upload, application, "EDU", 7) for _ in range(4)))

    assert refusals(results) == ["duplicate"] * 3
    assert Photo.objects.count() == 1


def test_an_upload_that_meets_a_submission_is_in_the_manifest_or_refused():
    for seed in range(6):
        application = factories.draft(factories.make_session())
        factories.fill(application)

        uploaded, submission = at_once(
            partial(upload, application, "EDU", seed), lambda app=application: submit_application(*fresh(app))
        )

        assert isinstance(submission, Submission)
        named = {photo["photo"] for entry in submission.manifest for photo in entry["photos"]}
        stored = {str(pk) for pk in Photo.objects.filter(item__application=application).values_list("pk", flat=True)}
        assert named == stored
        if not isinstance(uploaded, Photo):
            assert refusals([uploaded]) == ["locked"]


def test_a_deletion_that_meets_a_submission_does_not_empty_the_manifest():
    for _ in range(6):
        application = factories.draft(factories.make_session())
        factories.fill(application)
        photo = Photo.objects.filter(item__application=application, item__category__code="EDU").get()

        def remove(application=application, photo=photo):
            delete_photo(*fresh(application), "EDU", photo.pk)

        removed, submission = at_once(remove, lambda app=application: submit_application(*fresh(app)))

        application.refresh_from_db()
        if removed is None:
            assert refusals([submission]) == ["missing"]
            assert application.status == "draft"
        else:
            assert refusals([removed]) == ["locked"]
            assert Photo.objects.filter(pk=photo.pk, superseded_at=None).exists()


def test_submit_pressed_ten_times_at_once_is_one_submission_and_one_message():
    application = factories.draft()
    factories.fill(application)

    results = at_once(*(lambda: submit_application(*fresh(application)) for _ in range(10)))

    assert {result.pk for result in results} == {Submission.objects.get().pk}
    assert Message.objects.filter(kind="submitted").count() == 1
    assert Event.objects.filter(action="submitted").count() == 1


def test_an_upload_started_before_the_window_closed_is_judged_by_the_clock_at_the_write(monkeypatch):
    application = factories.draft()
    session = application.session

    decode = photos._take_in

    def slowly(*arguments):
        factories.close_window(session)
        return decode(*arguments)

    monkeypatch.setattr(photos, "_take_in", slowly)

    results = at_once(partial(upload, application, "ID", 1))

    assert refusals(results) == ["closed"]
    assert not Photo.objects.exists()
