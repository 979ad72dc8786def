import pytest

from candidates.models import ExamSession, User
from materials.models import Application
from tests import factories


@pytest.fixture
def session(db: None) -> ExamSession:
    """Two stages, with the reasons BLUR (a change), NO_SEAL (a change, of EDU alone) and FALSE (rejecting)."""
    factories.ReasonFactory(code="BLUR")
    factories.ReasonFactory(code="NO_SEAL", name_zh="未盖章", name_en="No seal", categories=["EDU"])
    factories.ReasonFactory(code="FALSE", name_zh="材料不实", name_en="False material", use="reject")
    return factories.make_session()


@pytest.fixture
def application(session: ExamSession) -> Application:
    return factories.submitted(session)


@pytest.fixture
def at_site(application: Application) -> User:
    return factories.site_reviewer(application.site, name="王审核")


@pytest.fixture
def at_site_too(application: Application) -> User:
    return factories.site_reviewer(application.site, name="李审核")


@pytest.fixture
def at_region(session: ExamSession) -> User:
    return factories.region_reviewer(session.region, name="赵复核")
