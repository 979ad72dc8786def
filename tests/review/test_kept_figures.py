"""Statistics of large sessions: counted beforehand, shown as they were counted."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone, translation

from candidates.models import Candidate, ExamSession
from materials.models import Application
from materials.services.closing import count_drafts
from review import figures
from review.figures import EVERY, EVERY_PUBLISHED, figures_of, sessions_to_count
from review.models import KeptFigures
from review.progress import count_progress, counts_of, hours_of, paces_of, waiting_of
from review.services.figures import keep_figures
from review.services.publication import plan_publication
from review.statistics import agreement_of, asked_for, count_reviews, work_of
from tests import factories

from . import desk


@pytest.fixture
def large(session, application, at_site, at_region, monkeypatch) -> ExamSession:
    """A session that counts as large, with something of everything that is counted."""
    monkeypatch.setattr(figures, "LARGE", 1)
    ExamSession.objects.filter(pk=session.pk).update(second_look_percent=100)
    desk.pass_through(factories.submitted(session, site=application.site), at_site, at_region)
    factories.draft(session, activated=False)
    factories.fill(factories.draft(session))
    desk.pass_through(application, at_site)
    desk.send_for_correction(at_site, factories.submitted(session, site=application.site), "EDU")
    factories.submitted(session)
    return session


def age(session, by: timedelta) -> None:
    kept = KeptFigures.objects.get(session=session)
    kept.counted_at -= by
    kept.save()


def is_due(session) -> bool:
    return sessions_to_count(timezone.now()).filter(pk=session.pk).exists()


def page(session, name: str = "staff_progress") -> str:
    client = desk.signed_in(factories.region_staff(session.region))
    return client.get(reverse(name, args=[session.code])).content.decode()


def test_only_large_sessions_are_counted_beforehand(large, monkeypatch) -> None:
    factories.draft(factories.make_session())  # of one

    assert [session.code for session in sessions_to_count(timezone.now())] == [large.code]
    assert keep_figures() == 1
    assert keep_figures() == 0
    assert KeptFigures.objects.get().session == large


def test_what_is_kept_tells_what_counting_tells(large) -> None:
    keep_figures()
    kept = KeptFigures.objects.get()
    now, sites = kept.counted_at, {site.pk: site for site in large.region.sites.all()}
    progress, reviews = count_progress(large, now), count_reviews(large)

    assert all(progress.values())
    assert counts_of(sites, kept.progress) == counts_of(sites, progress)
    assert waiting_of(sites, kept.progress) == waiting_of(sites, progress)
    assert hours_of(large, now, kept.progress) == hours_of(large, now, progress)
    assert paces_of(kept.progress) == paces_of(progress)
    assert work_of(kept.reviews) == work_of(reviews) != []
    assert asked_for(large, kept.reviews) == asked_for(large, reviews) != []
    assert agreement_of(kept.reviews) == agreement_of(reviews) != []


@pytest.mark.parametrize("name", ["staff_progress", "staff_reviews"])
def test_a_page_shows_what_was_counted_and_as_of_when(large, at_site, name) -> None:
    live = page(large, name)
    assert "counted every five minutes" not in live
    keep_figures()
    KeptFigures.objects.update(counted_at=(at := timezone.now() - timedelta(minutes=4)))

    desk.send_for_correction(at_site, factories.submitted(large, site=at_site.site), "EDU")

    html = page(large, name)
    assert "counted every five minutes" in html
    assert f"{at.astimezone(ZoneInfo(large.region.time_zone)):%H:%M}" in html
    assert figures_of(large, "progress", timezone.now()).at == at


def test_a_site_that_is_gone_since_is_not_told_of(large) -> None:
    gone, there = factories.SiteFactory(region=large.region), large.applications.earliest("pk").site
    new = factories.draft(large, site=gone, activated=False)
    keep_figures()
    Candidate.objects.filter(pk=new.candidate_id).update(site=there)
    Application.objects.filter(pk=new.pk).update(site=there)
    gone.delete()

    assert "counted every five minutes" in page(large)


def test_it_is_counted_again_every_five_minutes(large) -> None:
    keep_figures()
    assert not is_due(large)
    age(large, EVERY)
    assert is_due(large)


def test_where_nothing_counts_beforehand_the_pages_count(large) -> None:
    assert not figures_of(large, "progress", timezone.now()).is_kept
    keep_figures()
    age(large, 2 * EVERY)
    assert figures_of(large, "reviews", timezone.now()).is_kept
    age(large, EVERY)
    assert not figures_of(large, "reviews", timezone.now()).is_kept


def test_once_published_it_is_counted_once_more_and_then_daily(large) -> None:
    keep_figures()
    ExamSession.objects.update(published_at=timezone.now())
    age(large, EVERY)
    assert is_due(large)

    keep_figures()
    ExamSession.objects.update(published_at=timezone.now() - EVERY_PUBLISHED)
    large.refresh_from_db()
    age(large, EVERY_PUBLISHED - EVERY)
    assert not is_due(large)
    assert figures_of(large, "progress", timezone.now()).is_kept
    age(large, EVERY)
    assert is_due(large)


def test_run_periodic_counts_them(large, capsys) -> None:
    call_command("run_periodic", "--dry-run")
    assert "1 large sessions counted" in capsys.readouterr().out
    assert not KeptFigures.objects.exists()

    call_command("run_periodic")
    assert "1 large sessions counted" in capsys.readouterr().out
    assert KeptFigures.objects.exists()


def test_publication_shows_what_was_counted_and_goes_by_what_is_there(large) -> None:
    large.drafts_at_close = "count"
    keep_figures()
    factories.close_window(large)

    def says_one(plan) -> bool:
        with translation.override("en"):
            return any("1 complete drafts are still to be counted" in str(obstacle) for obstacle in plan.obstacles)

    assert says_one(plan_publication(large))
    assert says_one(plan_publication(large, tallied=True))
    count_drafts(large)
    assert not says_one(plan_publication(large))
    assert says_one(plan_publication(large, tallied=True))
    age(large, EVERY)
    keep_figures()
    assert not says_one(plan_publication(large, tallied=True))
