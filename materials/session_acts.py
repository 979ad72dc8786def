"""The pages about a session in the order of its course: on all of them, and on the front page of the admin."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from candidates.models import ExamSession

from .models import Application, Category


def acts_of(session: ExamSession) -> list[tuple[str, Any]]:
    """Addresses and labels; for those who run the session (candidates/rules.py, may_run_session)."""
    pages = [
        ("staff_progress", _("Progress")),
        ("staff_messages", _("Messages")),
        ("staff_reviews", _("Reviews in numbers")),
        ("staff_export", _("Export results")),
        ("staff_publish", _("Publish results")),
    ]
    return [
        (reverse("admin:candidates_examsession_change", args=[session.pk]), _("Settings")),
        (reverse("staff_setup", args=[session.code]), _("Set-up")),
        (list_of(Category, session), capfirst(Category._meta.verbose_name_plural)),
        (reverse("staff_roster", args=[session.code]), _("Load roster")),
        (list_of(Application, session), capfirst(Application._meta.verbose_name_plural)),
        *((reverse(name, args=[session.code]), label) for name, label in pages),
    ]


def list_of(model: Any, session: ExamSession, **chosen: Any) -> str:
    """The admin's list of what a session has of these."""
    query = urlencode({"session__id__exact": session.pk} | chosen)
    return f"{reverse(f'admin:{model._meta.app_label}_{model._meta.model_name}_changelist')}?{query}"
