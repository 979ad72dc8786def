"""What the pages of regional staff have in common: whose session it is, and the admin's frame around them."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from candidates.models import ExamSession, User
from candidates.rules import may_run_session
from candidates.selectors import sessions_for


def session_to_run(user: User, code: str) -> ExamSession:
    """The session if it is the user's to run: 404 out of scope, 403 for those who only review in it."""
    session = sessions_for(user).filter(code=code).first() if "\0" not in code else None
    if session is None:
        raise Http404
    if not may_run_session(user, session):
        raise PermissionDenied
    return session


def page(
    request: HttpRequest, template: str, title: Any, context: dict[str, Any], *, trail: list[Any], status: int = 200
) -> HttpResponse:
    """A page in the admin's frame, rendered at once: a region's time zone holds only as long as the view runs."""
    frame = {**admin.site.each_context(request), "title": title, "trail": trail, **context}
    return TemplateResponse(request, template, frame, status=status).render()


def trail_of(session: ExamSession) -> list[tuple[str, Any]]:
    """The way back: the sessions, this session."""
    change = reverse("admin:candidates_examsession_change", args=[session.pk])
    return [
        (reverse("admin:candidates_examsession_changelist"), session._meta.verbose_name_plural),
        (change, session.code),
    ]
