import pytest

from candidates.models import ExamSession, User
from materials.models import Application
from review.models import SecondLook
from tests import factories

from . import desk


@pytest.fixture
def session(db: None) -> ExamSession:
    """Two stages, with the reasons BLUR (a change), NO_SEAL (a change, of EDU alone) and FALSE (rejecting)."""
    factories.ReasonFactory(code="BLUR")
    factories.ReasonFactory(code="NO_SEAL", name_zh="未盖章", name_en="No seal", categories=["EDU"])
    factories.ReasonFactory(code="FALSE", name_zh="材料不实", name_en="False material", use="reject")
    return factories.make_session()


@pytest.fixture
def finished(session: ExamSession) -> dict[str, Application]:
    """One application in each state that may be published, the windows closed."""
    applications = {
        "passed": factories.decided("passed", session),
        "rejected": factories.decided("rejected", session),
        "returned": factories.returned(session),
        "draft": factories.draft(session),
    }
    factories.close_window(session)
    return applications


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


@pytest.fixture
def every_pass_drawn(session: ExamSession) -> None:
    session.second_look_percent = 100
    session.save()


@pytest.fixture
def look(every_pass_drawn: None, application: Application, at_site: User, at_region: User) -> SecondLook:
    """The second look at an application that two stages passed."""
    desk.pass_through(application, at_site, at_region)
    return SecondLook.objects.select_related("application__session__region").get()


@pytest.fixture
def second(session: ExamSession) -> User:
    """A reviewer of the region who has decided on nothing yet."""
    return factories.region_reviewer(session.region, name="孙复看")
