"""The message sender is killed again and again while messages leave, and the gateway has a bad hour."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from random import Random
from uuid import uuid4

from django.db import connections, transaction
from django.utils import timezone

from candidates.enums import DeliveryStatus
from candidates.models import Delivery, Message
from candidates.services.events import OPERATOR
from drill.check import Findings
from drill.gateway import Gateway
from drill.parts import Row
from drill.portal import PATIENCE, Portal
from drill.scene import Scene
from materials.models import Application
from review.enums import Progress
from review.services.circulars import send_circular

WORDS = {"title_zh": "通知", "title_en": "Notice", "text_zh": "演练。", "text_en": "A drill."}


class Messages:
    def __init__(self, portal: Portal, scene: Scene, gateway: Gateway, seed: int) -> None:
        self.portal, self.scene, self.gateway = portal, scene, gateway
        self._dice = Random(seed)
        self._unsure: set[int] = set()  # taken by the gateway from a sender that was killed before it noted that

    def sender(self, kills: int, lists: int, restarts: int) -> Row:
        """While messages to lists leave: killed with one in hand, killed anywhere, gateway away, gateway slow.

        ``restarts``: how often the database was killed before, each time perhaps with one in the sender's hand.
        """
        connections.close_all()
        began = time.monotonic()
        self._until(self._nothing_waits)
        before = self.gateway.taken.copy()
        self._write(lists)
        for number in range(kills):
            self.gateway.slow_next = int(number % 6 == 1)
            if number == kills // 2:
                self._bad_hour()
            self._kill(in_hand=number % 2 == 0)
            self.portal.start_sender()
            self._time_passes()
        self._until(self._nothing_waits)
        row = self._row(kills, before)
        if (before - Counter(before.keys())).total() > restarts:
            row.findings.wrong.append("before that, more were sent twice than the database was killed")
        row.seconds = time.monotonic() - began
        return row

    def _write(self, lists: int) -> None:
        number = Application.objects.filter(session=self.scene.session).count()
        for _ in range(lists):
            key, states = uuid4(), [str(state) for state in Progress]
            send_circular(OPERATOR, self.scene.session.code, key, number=number, states=states, sites=[], words=WORDS)

    def _kill(self, *, in_hand: bool) -> None:
        """Some messages on from here. ``in_hand``: while the gateway has taken one and not answered yet."""
        gateway = self.gateway
        enough = gateway.taken.total() + self._dice.randint(1, 5)
        left = Delivery.objects.filter(channel="sms", status=DeliveryStatus.WAITING).count
        gateway.wait_for(lambda: gateway.taken.total() >= enough, 5 if left() < 5 else PATIENCE)
        if in_hand:
            with gateway.changed:
                gateway.when_taken = lambda _number: self.portal.kill_sender()
            gateway.wait_for(lambda: gateway.when_taken is None, 5 if left() < 5 else PATIENCE)
        with gateway.changed:
            gateway.when_taken = None
            self.portal.kill_sender()
            last = gateway.last
        # The server ends the dead sender's transaction when it notices; then the row says what it knows.
        self._until(lambda: not _locked(last))
        if Delivery.objects.filter(pk=last, status=DeliveryStatus.WAITING).exists():
            self._unsure.add(last)

    def _bad_hour(self) -> None:
        gateway = self.gateway
        gateway.is_away = True
        enough = gateway.refused + 10
        gateway.wait_for(lambda: gateway.refused >= enough, 20)
        gateway.is_away = False

    def _time_passes(self) -> None:
        """What was put off is due; an hour is not waited for."""
        waiting = Delivery.objects.filter(status=DeliveryStatus.WAITING, next_attempt_at__gt=timezone.now())
        waiting.update(next_attempt_at=timezone.now())

    def _nothing_waits(self) -> bool:
        self._time_passes()
        return not Delivery.objects.filter(status=DeliveryStatus.WAITING).exists()

    def _until(self, what: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE
        while not what() and time.monotonic() < until:
            time.sleep(0.2)

    def _row(self, kills: int, before: Counter[int]) -> Row:
        gateway, found = self.gateway, Findings()
        sms = Delivery.objects.filter(channel="sms")
        for pk, status in sms.exclude(status=DeliveryStatus.SENT).values_list("pk", "status"):
            found.lost.append(f"message {pk}: {status}")
        noted = set(sms.filter(status=DeliveryStatus.SENT).values_list("pk", flat=True))
        found.lost += [f"message {pk}: noted as sent, never taken" for pk in noted - set(gateway.taken)]
        without = Message.objects.filter(deliveries=None).count()
        if without:
            found.lost.append(f"{without} messages without a delivery")
        again = [pk for pk, times in gateway.taken.items() if times > 1 and times > before[pk]]
        for pk in again:
            if pk not in self._unsure | gateway.late:
                found.wrong.append(f"message {pk} sent {gateway.taken[pk]} times, and the sender knew")
            if len(gateway.words[pk]) > 1:
                found.wrong.append(f"message {pk} has other words the second time")
        row = Row("kill -9 of the message sender", kills, found)
        row.acknowledged, row.refused = len(gateway.taken.keys() - before.keys()), gateway.refused
        row.twice = len(again)
        sent = gateway.taken.total() - before.total()
        row.notes.append(f"{sent} requests for {row.acknowledged} messages; {len(gateway.late)} answered too late")
        row.notes.append(f"{row.twice} went out again with their id: the sender had died or given up before the answer")
        return row


def _locked(pk: int) -> bool:
    """Whether a transaction holds this delivery."""
    with transaction.atomic():
        rows = Delivery.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=pk)
        return Delivery.objects.filter(pk=pk).exists() and not rows.exists()
