"""The way back from this version with data in it, and an upgrade of what was there before."""

from io import BytesIO

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from PIL import Image

from candidates.enums import CodePurpose
from candidates.models import Candidate, Message, OneTimeCode
from candidates.services.database_role import connected_as, grant_application_role
from candidates.services.door_codes import ask_for_code
from candidates.services.events import Actor
from candidates.services.messages import tell
from materials.models import Application, Likeness, Photo
from materials.selectors import counts_by_state
from materials.services.photos import delete_photo
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE_TALLIES = [("candidates", "0024_indexes_that_are_used"), ("materials", "0016_indexes_that_are_used")]
BEFORE = [("candidates", "0014_message_choices"), ("materials", "0010_application_by_state")]


@pytest.fixture
def newest():
    """Whatever became of the test, the tables are those of the models afterwards."""
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    yield newest
    MigrationExecutor(connection).migrate(newest)


def test_back_and_forward_with_data(newest):
    candidate = factories.make_candidate()
    looks = Image.open(BytesIO(factories.picture()))
    kept, removed = (factories.make_photo(candidate.application, code, looks=looks) for code in ("ID", "EDU"))
    delete_photo(Actor(candidate.user), Candidate.objects.get(pk=candidate.pk), "EDU", removed.pk)
    for number in (candidate.registration_number, "TJ00000000"):
        ask_for_code(Actor(None, "127.0.0.1"), number, CodePurpose.SIGN_IN)
    OneTimeCode.objects.create(candidate=candidate, sent_at=candidate.activated_at)
    tell(candidate, "published")

    MigrationExecutor(connection).migrate(BEFORE)
    MigrationExecutor(connection).migrate(newest)

    assert [photo.pk for photo in Photo.objects.all()] == [kept.pk]
    assert [likeness.pk for likeness in Likeness.objects.all()] == [kept.pk]
    assert [code.purpose for code in OneTimeCode.objects.all()] == ["activation"]
    # What was told before the upgrade is not all new again; what is told after it is.
    assert Message.objects.get().read_at is not None
    assert tell(candidate, "withdrawn").read_at is None
    assert Message.objects.filter(read_at=None).count() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint WHERE NOT convalidated")
        assert cursor.fetchall() == []
        cursor.execute("SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid")
        assert cursor.fetchall() == []


def test_what_old_code_writes_is_counted_from_the_first_moment(newest):
    """As the portal's role, before ``migrate`` has come to granting what is new."""
    session = factories.make_session()
    drafts = [factories.draft(session) for _ in range(3)]
    role = f"{connection.settings_dict['USER']}_app"
    grant_application_role(role)
    MigrationExecutor(connection).migrate(BEFORE_TALLIES)
    MigrationExecutor(connection).migrate(newest)
    assert [(entry.stage, entry.number) for entry in counts_by_state([session])] == [("site", 3)]

    with connected_as({"USER": role}):
        Application.objects.filter(pk=drafts[0].pk).update(stage="region")
        tell(drafts[0].candidate, "published")

    assert {entry.stage: entry.number for entry in counts_by_state([session])} == {"site": 2, "region": 1}
