"""How many messages a second go out, to a gateway that answers at once; and what any sender takes for that."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any
from urllib.request import Request, urlopen

from bench.report import Figure, Part, of_runs
from bench.served import Portal

MESSAGES = 2_000
_SENDERS = (1, 2, 4)
_POSTS, _UPDATES = "POSTs alone", "a POST and a committed UPDATE each"
# The services can be imported once Django is set up, and not before.
_TELL = """
import os, django
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exam_portal.settings")
django.setup()
from candidates.enums import MessageKind
from candidates.models import ExamSession
from candidates.services.messages import tell_session
tell_session(ExamSession.objects.get(code="TJ-2026"), MessageKind.PUBLISHED, "bench")
"""
# Of what was sent the words and the address are erased, so they are kept to be sent once more.
_KEEP = """
DELETE FROM candidates_delivery WHERE channel <> 'sms' OR status <> 'waiting';
CREATE TABLE kept AS SELECT * FROM candidates_delivery
"""
_AGAIN = """
UPDATE candidates_delivery d SET status = k.status, attempts = 0, sent_at = NULL, text = k.text, address = k.address
FROM kept k WHERE k.id = d.id
"""
_SENT = """
SELECT count(*), count(sent_at), extract(epoch FROM max(sent_at) - min(sent_at))::float FROM candidates_delivery
"""


def sending(portal: Portal, url: str, rows: int, runs: int) -> Part:
    """A message to each candidate of a session. ``url``: of the gateway that the portal was started with."""
    portal.load_roster(range(min(MESSAGES, rows)))
    taken: dict[str, list[float]] = {}
    with portal.without("send_messages"), closing(portal.database()) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        portal.run("-c", _TELL)
        cursor.execute(_KEEP)
        cursor.execute("SELECT id FROM kept")
        keys = [key for (key,) in cursor.fetchall()]
        for _run in range(runs):
            taken.setdefault(_POSTS, []).append(_posts(url, keys, None))
            taken.setdefault(_UPDATES, []).append(_posts(url, keys, cursor))
            for senders in _SENDERS:
                cursor.execute(_AGAIN)
                cursor.execute("VACUUM ANALYZE candidates_delivery")
                with ThreadPoolExecutor(senders) as pool:
                    for done in [pool.submit(portal.run, "manage.py", "send_messages") for _ in range(senders)]:
                        done.result()
                cursor.execute(_SENT)
                number, sent, seconds = cursor.fetchone()
                if sent < number:
                    raise RuntimeError(f"{number - sent} of {number} messages were not sent")
                # From the first to the last: how long a sender takes to start is no part of it.
                taken.setdefault(_by(senders), []).append((sent - 1) / seconds)
    said = f"{len(keys):,} SMS by HTTP; beside each of ours a row is locked, deciphered, and written when it was taken"
    return Part("messages: sent by send_messages to a gateway that answers at once", _figures(taken), [said])


def _by(senders: int) -> str:
    return f"{senders} sender{'s at once' if senders > 1 else ''}"


def _figures(taken: dict[str, list[float]]) -> list[Figure]:
    figures = []
    for name, runs in taken.items():
        figures.append(of_runs(name, runs, "/s"))
        if name == _by(1):
            for floor in (_POSTS, _UPDATES):
                ratios = [one / other for one, other in zip(runs, taken[floor], strict=True)]
                figures.append(of_runs(f"{name} ÷ {floor}", ratios, "×"))
    return figures


def _posts(url: str, keys: list[int], cursor: Any) -> float:
    """So many a second, one after the other, with a body like ours; with a cursor each is written down too."""
    start = time.perf_counter()
    for key in keys:
        body = json.dumps({"id": key, "to": "13900000000", "text": "您的审核结果已公布，请登录查看。"}).encode()
        with urlopen(Request(url, body, {"Content-Type": "application/json"})):
            pass
        if cursor:
            cursor.execute("UPDATE candidates_delivery SET sent_at = now() WHERE id = %s", [key])
    return len(keys) / (time.perf_counter() - start)
