"""The portal, and the empty page of it; served with bench/empty/ for settings."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from typing import Any

from bench.others.stand import LIST, NEXT, OPEN, OWN, SEARCH, UPLOAD, Stand, page, settle
from bench.served import DEMO_PASSWORD, Browser, Portal, multipart

NAME, EMPTY, FRAME = "ours", "an empty answer", "an empty page"
_CATEGORY = "OTHER"

_COUNTS = """
SELECT count(p.id) FROM materials_application a
JOIN candidates_examsession s ON s.id = a.session_id AND s.code = %s
LEFT JOIN materials_item i ON i.application_id = a.id
LEFT JOIN materials_photo p ON p.item_id = i.id AND p.superseded_at IS NULL
GROUP BY a.id ORDER BY count(p.id) DESC
"""
# Of those that wait at site1's site, and of the drafts, one that has as many pictures as any.
_ONE = """
SELECT a.id, c.registration_number FROM materials_application a
JOIN candidates_examsession s ON s.id = a.session_id AND s.code = %s
JOIN candidates_candidate c ON c.id = a.candidate_id AND c.activated_at IS NOT NULL
JOIN materials_item i ON i.application_id = a.id
JOIN materials_photo p ON p.item_id = i.id AND p.superseded_at IS NULL
WHERE a.status = %s AND a.stage = 'site' AND a.rounds < 2 AND a.site_id = (
    SELECT site_id FROM candidates_user WHERE username = 'site1'
) AND NOT EXISTS (SELECT FROM review_claim r WHERE r.application_id = a.id)
GROUP BY a.id, c.registration_number ORDER BY count(p.id) DESC, c.registration_number DESC LIMIT 1
"""


class _Queue:
    """The applications that wait for a reviewer's own, who gives each back so that the queue stays as long as it is."""

    def __init__(self, reviewer: Browser) -> None:
        self._reviewer, self._screen = reviewer, ""
        self.take()
        self.give_back()

    def take(self) -> None:
        self._screen = self._reviewer.led_to("/admin/review/next/")

    def give_back(self) -> None:
        self._reviewer.post(f"{self._screen}release/")
        self._reviewer.get("/admin/")  # shows what is said about it, which else would go along with every request


def stands(portal: Portal, rows: int, picture: bytes) -> tuple[list[Stand], list[int]]:
    """A session of so many candidates more, and how many pictures each of them has, the most first."""
    code = portal.run("manage.py", "make_load", "--candidates", str(rows)).split()[-1]
    settle(portal, str(portal.connection_settings()["NAME"]))
    with closing(portal.database()) as connection, connection.cursor() as cursor:
        cursor.execute(_COUNTS, [code])
        counts = [count for (count,) in cursor.fetchall()]
        opened, _number = _one(cursor, code, "submitted")
        _application, number = _one(cursor, code, "draft")
    staff, reviewer, candidate = portal.staff(), portal.staff("site1"), Browser(portal.port)
    regional = portal.staff("region1")  # who has claimed nothing: whoever has is led back to that
    queue = _Queue(regional)
    candidate.sign_in(number, DEMO_PASSWORD)
    reviewer.post(f"/admin/review/{opened}/claim/")
    listed = "/admin/materials/application/"
    acts = {
        LIST: page(staff, listed, "result_list"),
        SEARCH: page(staff, f"{listed}?q={number}", number),
        NEXT: queue.take,
        OPEN: page(reviewer, f"/admin/review/{opened}/", f'data-application="{opened}"'),
        OWN: page(candidate, "/materials/", "data-photo="),
        UPLOAD: partial(candidate.upload, _CATEGORY, multipart(picture)),
    }
    export = partial(staff.stream, f"/admin/export/results.csv?session={code}")
    undone = {NEXT: queue.give_back, UPLOAD: partial(candidate.delete_all, _CATEGORY)}
    ours = Stand(NAME, portal.web, acts, export, undone)
    nothing = {act: page(who, "/bench/empty/", "empty, True") for act, who in ((NEXT, regional), (OWN, candidate))}
    empty = Stand(EMPTY, portal.web, nothing)
    frame = Stand(FRAME, portal.web, {OWN: page(candidate, "/bench/frame/", "<header")})
    return [ours, empty, frame], counts


def _one(cursor: Any, code: str, status: str) -> tuple[str, str]:
    cursor.execute(_ONE, [code, status])
    application, number = cursor.fetchone()
    return str(application), number
