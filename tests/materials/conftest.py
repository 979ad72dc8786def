import pytest
from django.test import Client

from materials.models import Application
from tests import factories


@pytest.fixture
def draft(client: Client) -> Application:
    """An empty draft whose candidate is signed in."""
    application = factories.draft()
    client.force_login(application.candidate.user)
    return application
