"""Versions of a session's privacy notice, and agreeing to them."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from ..enums import Action
from ..models import Candidate, ExamSession, PrivacyNotice
from ..notice import notice_for
from ..refusals import Refusal, Stale
from ..rules import may_run_session
from .events import Actor, record
from .sessions import refuse_published

CHANGED = _("The privacy notice was changed a moment ago. Read it again, then tick the box.")
NOTICE_LENGTH = 10_000


@transaction.atomic
def add_notice(actor: Actor, code: str, *, number: int, text_zh: str, text_en: str, ask_again: bool) -> PrivacyNotice:
    """Make the next version of a session's privacy notice, which holds at once for whoever activates.

    ``number`` is that of the version it was made from, 0 for the portal's own text. ``ask_again``: everybody who
    agreed to an earlier version is asked to agree to this one before anything else. Raises Stale, Refusal.
    """
    session = ExamSession.objects.select_for_update(of=("self",), no_key=True).get(code=code)
    if actor.user is None or not may_run_session(actor.user, session):
        raise Refusal("role", _("Only the region's staff change the privacy notice. Ask them."), status=403)
    refuse_published(session)
    newest = PrivacyNotice.objects.filter(session=session).order_by("-number").first()
    if (newest.number if newest else 0) != number:
        raise Stale(_("Somebody else made a new version meanwhile. What you typed is kept; compare it and save again."))
    if not text_zh.strip() or not text_en.strip():
        raise Refusal("empty", _("Write the whole notice in Chinese and in English."), status=422)
    if max(len(text_zh), len(text_en)) > NOTICE_LENGTH:
        raise Refusal("long", _("Too long: a notice has at most 10,000 characters. Shorten it."), status=422)
    if newest and (newest.text_zh, newest.text_en) == (text_zh, text_en):
        raise Refusal("same", _("This is what the newest version says already. Change something first."), status=422)
    notice = PrivacyNotice.objects.create(
        session=session, number=number + 1, text_zh=text_zh, text_en=text_en, created_by=actor.user
    )
    if ask_again:
        session.consent_since = notice.number
        session.save(update_fields=["consent_since"])
    record(Action.NOTICE_CHANGED, actor, session=session, number=notice.number, ask_again=ask_again)
    return notice


@transaction.atomic
def agree(actor: Actor, candidate: Candidate, version: str) -> None:
    """Record that the candidate agrees to this version of the notice. Doing it again does nothing.

    Raises Refusal when it is not the newest; before activation, where whoever knows the ID number gets in.
    """
    stored = Candidate.objects.select_for_update(of=("self",), no_key=True).get(pk=candidate.pk)
    if stored.activated_at is None:
        raise Refusal("not_activated", _("Activate your account first: there you agree to the privacy notice."))
    if version != notice_for(candidate).version:
        raise Refusal("notice", CHANGED)
    if stored.consent_version != version:
        before, stored.consent_version = stored.consent_version, version
        stored.save(update_fields=["consent_version"])
        record(Action.CONSENTED, actor, candidate=candidate, consent_version=[before, version])
