"""隐私告知: the text that holds for a candidate, and how it is recorded."""

from dataclasses import dataclass

from django.template.loader import render_to_string

from .models import Candidate, ExamSession, PrivacyNotice
from .rules import CONSENT_VERSION


@dataclass(frozen=True)
class Notice:
    """``version`` is what a consent records; ``zh`` and ``en`` are plain text, paragraphs between empty lines."""

    version: str
    zh: str
    en: str


def own_notice(session: ExamSession, contact: str) -> Notice:
    """The portal's own text, for sessions that have none of theirs."""
    # Some regions call themselves 天津, some 天津考区; and an English name is optional.
    region = session.region.name_zh.removesuffix("考区")
    names = {"zh": region, "en": session.region.name_en or region}
    texts = {
        language: render_to_string(f"candidates/notice_{language}.txt", {"region": name, "contact": contact}).strip()
        for language, name in names.items()
    }
    return Notice(CONSENT_VERSION, **texts)


def notice_of(session: ExamSession, contact: str = "") -> Notice:
    """The newest version of a session's notice."""
    newest = PrivacyNotice.objects.filter(session=session).order_by("-number").first()
    if newest is None:
        return own_notice(session, contact or session.contact)
    return Notice(str(newest), newest.text_zh, newest.text_en)


def notice_for(candidate: Candidate) -> Notice:
    return notice_of(candidate.session, candidate.site.contact)
