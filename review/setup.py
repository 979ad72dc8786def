"""What a session still needs before its window opens: a list to work through, read off what is stored."""

from collections import Counter
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from candidates.enums import Role, Stages
from candidates.models import ExamSession, PrivacyNotice, Site, User
from candidates.rules import roles_to_give
from materials.enums import Requirement
from materials.models import Category
from materials.selectors import counts_by_state, reasons_for


@dataclass(frozen=True)
class Step:
    """One line of the list. ``is_done`` False: somebody should look; ``address`` is where."""

    name: Any
    sentences: list[Any]
    is_done: bool
    address: str


def steps_of(session: ExamSession, user: User) -> list[Step]:
    """In the order in which one works through them. The same number of queries for every session."""
    sites = list(session.region.sites.order_by("code"))
    change = reverse("admin:candidates_examsession_change", args=[session.pk])
    return [
        _categories(session),
        _sites(session, sites),
        _reviewers(session, sites, user),
        _reasons(session),
        _notice(session),
        _roster(session, sites),
        Step(_("Policy"), _policy(session), True, change),
    ]


def _list(model: str, **query: Any) -> str:
    return f"{reverse(f'admin:{model}_changelist')}?{urlencode(query)}"


def _categories(session: ExamSession) -> Step:
    categories = list(Category.objects.filter(session=session))
    numbers = Counter(category.requirement for category in categories)
    sentences: list[Any] = [
        _("%(required)s required and %(optional)s optional, where they apply; %(off)s switched off.")
        % {
            "required": numbers[Requirement.REQUIRED],
            "optional": numbers[Requirement.OPTIONAL],
            "off": numbers[Requirement.OFF],
        }
    ]
    asked = [category for category in categories if category.requirement != Requirement.OFF]
    bare = [category.code for category in asked if not (category.name_en and category.hint_zh and category.hint_en)]
    if bare:
        sentences.append(_("Without an English name or a hint: %(codes)s.") % {"codes": ", ".join(bare)})
    sentences.append(_("Pictures that are there already are kept valid: what would make them wrong is refused."))
    is_done = numbers[Requirement.REQUIRED] > 0 and not bare
    return Step(_("Categories"), sentences, is_done, _list("materials_category", session__id__exact=session.pk))


def _sites(session: ExamSession, sites: list[Site]) -> Step:
    silent = [site.code for site in sites if not site.contact]
    sentences = [ngettext("%(number)s site.", "%(number)s sites.", len(sites)) % {"number": len(sites)}]
    if silent and session.contact:
        sentences.append(
            _("No contact of their own, so candidates read the session’s: %(codes)s.") % {"codes": ", ".join(silent)}
        )
    elif silent:
        sentences.append(_("Candidates find no contact at: %(codes)s.") % {"codes": ", ".join(silent)})
    is_done = bool(sites) and (not silent or bool(session.contact))
    return Step(
        _("Sites and their contacts"), sentences, is_done, _list("candidates_site", region__id__exact=session.region_id)
    )


def _reviewers(session: ExamSession, sites: list[Site], user: User) -> Step:
    active = User.objects.filter(is_active=True, region=session.region_id)
    numbers: Counter[Any] = Counter(active.values_list("role", "site"))
    sentences: list[Any] = []
    lacking = []
    if session.stages != Stages.REGION:
        per_site = [f"{site.code} {numbers[Role.SITE_REVIEWER, site.pk]}" for site in sites]
        sentences.append(_("Site reviewers: %(sites)s.") % {"sites": ", ".join(per_site) or "–"})
        lacking += [site.code for site in sites if not numbers[Role.SITE_REVIEWER, site.pk]]
    if session.stages != Stages.SITE:
        number = numbers[Role.REGION_REVIEWER, None]
        sentences.append(_("Region reviewers: %(number)s.") % {"number": number})
        lacking += [] if number else [_("the region")]
    if lacking:
        sentences.append(_("Nobody reviews for: %(places)s.") % {"places": ", ".join(lacking)})
    manages = bool(roles_to_give(user))
    if not manages:
        sentences.append(_("Accounts are made by the regional lead or an administrator."))
    return Step(_("Reviewers"), sentences, not lacking, _list("candidates_user") if manages else "")


def _reasons(session: ExamSession) -> Step:
    number = reasons_for(session, "change").count()
    sentence = _("%(number)s reasons in use for asking for a change; candidates read their sentences.")
    return Step(
        _("Reasons"), [sentence % {"number": number}], number > 0, _list("materials_reason", use__exact="change")
    )


def _notice(session: ExamSession) -> Step:
    newest = PrivacyNotice.objects.filter(session=session).order_by("-number").first()
    sentence = _("Version %(number)s of this session.") % {"number": newest} if newest else _("The portal’s own text.")
    return Step(_("Privacy notice"), [sentence], True, reverse("staff_notice", args=[session.code]))


def _roster(session: ExamSession, sites: list[Site]) -> Step:
    numbers: Counter[int] = Counter()
    for entry in counts_by_state([session]):
        numbers[entry.site] += entry.number
    sentences = [
        ngettext("%(number)s candidate.", "%(number)s candidates.", numbers.total()) % {"number": numbers.total()}
    ]
    empty = [site.code for site in sites if not numbers[site.pk]]
    if numbers and empty:
        sentences.append(_("None at: %(codes)s.") % {"codes": ", ".join(empty)})
    return Step(_("Roster"), sentences, numbers.total() > 0, reverse("staff_roster", args=[session.code]))


def _policy(session: ExamSession) -> list[Any]:
    """What the session's own settings mean, in words."""
    fitted = _("Pictures that are too big are made to fit.")
    whole = _("Pictures over %(bytes)s bytes are refused.") % {"bytes": session.max_bytes}
    days = ngettext(
        "Whoever is asked for a correction has at least %(days)s day for it.",
        "Whoever is asked for a correction has at least %(days)s days for it.",
        session.correction_days,
    ) % {"days": session.correction_days}
    two = _("One person proposes to publish, another confirms.") if session.two_persons else _("One person publishes.")
    kept = ngettext(
        "Pictures and personal data are kept for %(days)s day after publication.",
        "Pictures and personal data are kept for %(days)s days after publication.",
        session.retention_days,
    ) % {"days": session.retention_days}
    return [
        _("Review: %(stages)s.") % {"stages": session.get_stages_display()},
        _("Complete drafts at the close: %(policy)s.") % {"policy": session.get_drafts_at_close_display()},
        days if session.correction_days else _("All corrections end at the common deadline."),
        fitted if session.fit_oversized else whole,
        two,
        kept,
    ]
