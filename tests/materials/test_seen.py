"""``data-seen``: by what a page that comes back knows that it says something else by now."""

import re
from datetime import timedelta

import pytest

from candidates.enums import MessageKind
from candidates.models import Message
from candidates.services.events import Actor
from candidates.services.messages import mark_read, tell
from materials.services.extension import extend_deadline
from tests import factories

pytestmark = pytest.mark.django_db
PAGES = ["/materials/", "/materials/submit/", "/registration/", "/timeline/", "/result/", "/messages/"]


@pytest.fixture
def application(client):
    application = factories.returned(codes=["EDU"])
    client.force_login(application.candidate.user)
    return application


def seen(client, path: str) -> str:
    (found,) = re.findall(r'<main[^>]* data-seen="([^"]+)"', client.get(path, follow=True).content.decode())
    return found


@pytest.mark.parametrize("path", PAGES)
def test_it_stays_while_nothing_changes(client, application, path):
    assert seen(client, path) == seen(client, path)


@pytest.mark.parametrize("path", PAGES)
def test_it_changes_with_a_message(client, application, path):
    before = seen(client, path)
    tell(application.candidate, MessageKind.PASSWORD_CHANGED)
    assert seen(client, path) != before


@pytest.mark.parametrize("path", PAGES)
def test_it_changes_once_messages_are_read_but_not_where_they_are(client, application, path):
    before = seen(client, path)
    mark_read(application.candidate, Message.objects.values_list("pk", flat=True))
    assert (seen(client, path) != before) == (path != "/messages/")


@pytest.mark.parametrize("path", PAGES)
def test_it_changes_with_the_deadline(client, path):
    """Of an application under review, to whose candidate nothing is sent about it."""
    application = factories.submitted()
    client.force_login(application.candidate.user)
    before = seen(client, path)
    until = application.session.corrections_until + timedelta(days=2)
    staff = Actor(factories.region_staff(application.session.region))
    extend_deadline(staff, application.pk, version=application.version, until=until, reason="x")
    assert seen(client, path) != before


@pytest.mark.parametrize("path", PAGES)
def test_it_changes_when_the_time_is_over(client, application, path):
    before = seen(client, path)
    factories.close_window(application.session)
    assert seen(client, path) != before
