"""After the load has stopped: whether all that was acknowledged is there, once, whole and possible."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID

from django.db import connections
from django.db.models import Count, F, Q
from PIL import Image

from candidates.models import Event, Message
from drill.ledger import Ledger, Manifest, Place
from materials.models import Application, Item, Photo, Submission, photo_storage
from materials.services.sweep import sweep_photos
from review.models import Decision


@dataclass
class Findings:
    """``lost``: was acknowledged and is not (wholly) there. ``wrong``: is there and must not be, or is impossible.

    ``left``: files without a row that one sweep removed; no fault, but what the sweep is for.
    """

    lost: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    left: int = 0


def check(ledger: Ledger) -> Findings:
    """Nobody else may be at work. Sweeps."""
    connections.close_all()  # the server may have been restarted since
    found = Findings()
    check_files(ledger, found)
    places = ledger.places
    _pictures(places, found)
    _events(places, found)
    _submissions(places, found)
    _reviews(places, found)
    _states(found)
    _sweep(found)
    _receipts(places, found)
    connections.close_all()
    found.wrong += ledger.wrong
    ledger.wrong.clear()
    # What an earlier part did is not said again of this one.
    found.lost = [line for line in found.lost if line not in ledger.said]
    found.wrong = [line for line in found.wrong if line not in ledger.said]
    ledger.said |= {*found.lost, *found.wrong}
    return found


def check_files(ledger: Ledger, found: Findings) -> None:
    """A row's file is what the row says; a file that no row names is whole all the same, under its final name."""
    store, rows = photo_storage(), {}
    for file, thumb, digest in Photo.objects.values_list("file", "thumb", "sha256"):
        rows[file], rows[thumb] = digest, None
    stored = [name for name in store.names() if not name.endswith(".part")]
    found.lost += [f"{name}: no file" for name in rows.keys() - set(stored)]
    for name in stored:
        try:
            with store.open(name) as file:
                data = file.read()
        except Exception as error:  # whatever a store raises
            found.lost.append(f"{name}: cannot be read: {error!r}")
            continue
        digest = rows.get(name)
        if digest is not None:
            if sha256(data).hexdigest() != digest:
                found.lost.append(f"{name}: not the bytes of its row")
        elif "-thumb" in name:
            try:
                with Image.open(io.BytesIO(data)) as picture:
                    picture.load()
            except OSError as error:
                found.lost.append(f"{name}: {error}")
        elif sha256(data).hexdigest() not in ledger.pictures:
            found.lost.append(f"{name}: cut off under its final name")


def _pictures(places: dict[UUID, Place], found: Findings) -> None:
    now: dict[UUID, dict[str, str]] = {pk: {} for pk in places}
    live = Photo.objects.filter(superseded_at=None, item__application__in=list(places))
    for pk, code, digest in live.values_list("item__application", "item__category__code", "sha256"):
        if digest in now[pk]:
            found.wrong.append(f"{places[pk].number}: picture {digest[:8]} twice")
        now[pk][digest] = code
    for pk, place in places.items():
        for digest in place.there.keys() | now[pk].keys():
            meant, is_there = place.there.get(digest), now[pk].get(digest)
            if meant and not is_there:
                found.lost.append(f"{place.number}: {meant} picture {digest[:8]}")
            elif meant != is_there:
                found.wrong.append(f"{place.number}: picture {digest[:8]} is in {is_there}, not in {meant}")


def _events(places: dict[UUID, Place], found: Findings) -> None:
    """One for each act: no fewer, or something is unaccounted for; no more, or something happened twice."""
    was: dict[UUID, Counter[tuple[str, ...]]] = {pk: Counter() for pk in places}
    shapes = {
        "photo_added": ("sha256",),
        "photo_deleted": ("photo",),
        "submitted": ("number",),
        "verdict_given": ("item", "verdict"),
        "finished": ("outcome",),
    }
    events = Event.objects.filter(action__in=shapes, candidate__application__in=list(places))
    for pk, action, facts in events.values_list("candidate__application", "action", "facts"):
        was[pk][action, *(str(facts[name]) for name in shapes[action])] += 1
    for pk, place in places.items():
        meant = Counter({("photo_added", digest): number for digest, number in place.added.items()})
        meant += Counter(("photo_deleted", photo) for photo in place.deleted)
        meant += Counter(("submitted", str(number)) for number in place.submissions)
        meant += Counter({("finished", outcome): number for outcome, number in place.finished.items()})
        for (code, verdict), number in place.verdicts.items():
            # Others may have been given without a yes: whoever found the screen changed looked at it anew.
            meant["verdict_given", code, verdict] = max(number, was[pk]["verdict_given", code, verdict])
        for key in meant.keys() | was[pk].keys():
            if key[0] == "verdict_given" and key not in meant:
                continue
            if was[pk][key] < meant[key]:
                found.lost.append(f"{place.number}: event {key}, {meant[key] - was[pk][key]} of {meant[key]}")
            elif was[pk][key] > meant[key]:
                found.wrong.append(f"{place.number}: event {key}, {was[pk][key] - meant[key]} too many")


def _submissions(places: dict[UUID, Place], found: Findings) -> None:
    stored: dict[UUID, dict[int, Manifest]] = {pk: {} for pk in places}
    theirs = Submission.objects.filter(application__in=list(places))
    for pk, number, manifest in theirs.values_list("application", "number", "manifest"):
        named = {entry["item"]: sorted(photo["sha256"] for photo in entry["photos"]) for entry in manifest}
        stored[pk][number] = {code: pictures for code, pictures in named.items() if pictures}
    told = Counter(Message.objects.filter(kind="submitted").values_list("candidate__application", "facts__number"))
    for pk, place in places.items():
        for number, manifest in place.submissions.items():
            if number not in stored[pk]:
                found.lost.append(f"{place.number}: submission {number}")
            elif stored[pk][number] != manifest:
                found.lost.append(f"{place.number}: submission {number} says {stored[pk][number]}, not {manifest}")
            if told[pk, number] != 1:
                where = found.wrong if told[pk, number] else found.lost
                where.append(f"{place.number}: told of submission {number} {told[pk, number]} times")
        nobodys = stored[pk].keys() - place.submissions.keys()
        found.wrong += [f"{place.number}: submission {number} of nobody" for number in nobodys]


def _reviews(places: dict[UUID, Place], found: Findings) -> None:
    decided = Counter(Decision.objects.values_list("application", "outcome"))
    returned = Counter(Message.objects.filter(kind="returned").values_list("candidate__application", flat=True))
    for pk, place in places.items():
        for outcome in place.finished | {"pass": 0, "return": 0}:
            number, meant = decided[pk, outcome], place.finished[outcome]
            if number != meant:
                where = found.lost if number < meant else found.wrong
                where.append(f"{place.number}: {number} reviews ended in {outcome}, {meant} were acknowledged")
        if returned[pk] != place.finished["return"]:
            where = found.lost if returned[pk] < place.finished["return"] else found.wrong
            where.append(f"{place.number}: told of {returned[pk]} returns of {place.finished['return']}")


def _states(found: Findings) -> None:
    """What no application can be in, however it came there."""
    applications = Application.objects.alias(
        submitted=Count("submissions", distinct=True), numbers=Count("submissions__number", distinct=True)
    )
    locked, live = Q(locked=True), Q(photos__superseded_at=None, photos__isnull=False)
    drafts_locked = Item.objects.filter(locked, application__status="draft")
    handed_in = Q(application__status__in=["submitted", "passed"])
    impossible = {
        "counts other submissions than there are": applications.exclude(submitted=F("rounds")),
        "two submissions with one number": applications.exclude(submitted=F("numbers")),
        "locked and not submitted": Application.objects.filter(pk__in=drafts_locked.values("application")),
        "submitted and open": Application.objects.filter(
            pk__in=Item.objects.filter(handed_in, locked=False).values("application")
        ),
        "returned, and nothing is open": Application.objects.filter(status="returned").exclude(
            pk__in=Item.objects.filter(locked=False).values("application")
        ),
        "more pictures than places": Application.objects.filter(
            pk__in=Item.objects.alias(have=Count("photos", filter=live))
            .filter(have__gt=F("category__max_photos"))
            .values("application")
        ),
        "a locked picture that no submission names": Application.objects.filter(
            pk__in=Photo.objects.filter(superseded_at=None, first_submission=None, item__locked=True).values(
                "item__application"
            )
        ),
        "decided more often than submitted": Application.objects.alias(
            rounds_decided=Count("decisions", distinct=True)
        ).filter(rounds_decided__gt=F("rounds")),
    }
    for what, rows in impossible.items():
        found.wrong += [f"{application.candidate.registration_number}: {what}" for application in rows]


def _sweep(found: Findings) -> None:
    swept = sweep_photos()
    found.left = len(swept.orphans)
    found.lost += [f"{name}: no file, says the sweep" for name in swept.lost]
    named = {name for pair in Photo.objects.values_list("file", "thumb") for name in pair}
    stored = set(photo_storage().names())
    found.wrong += [f"{name}: there after a sweep, and nobody's" for name in stored - named]
    found.lost += [f"{name}: gone by the sweep" for name in named - stored]


def _receipts(places: dict[UUID, Place], found: Findings) -> None:
    """Over HTTP, each once: it is what the candidate has in hand."""
    for place in places.values():
        for number in place.submissions.keys() - place.receipts_seen:
            answer = place.browser.get(f"/materials/receipt/{number}/")
            if answer.status != 200 or f"{place.number}-{number}" not in answer.text:
                found.lost.append(f"{place.number}: receipt {number}: {answer.status}")
            place.receipts_seen.add(number)
