"""More uploads at once than the portal can do: what the people who only look at a page notice of it."""

from __future__ import annotations

import time
from collections import Counter
from statistics import quantiles
from threading import Thread

from bench.intake import compliant_picture
from bench.report import Figure, Part, of_runs
from bench.served import Browser, Portal, multipart

_SECONDS = 60
_COMES_BACK = 2  # seconds; sooner than real ones do, since there are so few


def overload(portal: Portal, clients: int) -> Part:
    """So many send the same picture again and again, which is decoded and found to be there; one reads a page."""
    sender, reader = portal.candidates(2)
    body = multipart(compliant_picture())
    sender.upload("OTHER", body)
    quiet = [_read(reader) for _ in range(20)]
    answers: Counter[int] = Counter()
    until = time.monotonic() + _SECONDS

    def send(browser: Browser) -> None:
        while time.monotonic() < until:
            status = browser.attempt("OTHER", body)
            answers[status] += 1
            if status == 503:
                time.sleep(_COMES_BACK)

    threads = [Thread(target=send, args=(sender.beside(),)) for _ in range(clients)]
    for thread in threads:
        thread.start()
    time.sleep(5)  # until the line is as long as it gets
    waits = []
    while time.monotonic() < until:
        waits.append(_read(reader))
    for thread in threads:
        thread.join()
    figures = [
        of_runs("a page with nobody else there, median", quiet, "s"),
        of_runs("a page meanwhile, median", waits, "s"),
        Figure("a page meanwhile, 95 %", quantiles(waits, n=20)[-1], "s"),
        Figure("uploads looked at a second", answers[422] / _SECONDS, "/s"),
        Figure("uploads turned away a second", answers[503] / _SECONDS, "/s"),
        Figure("other answers", sum(answers.values()) - answers[422] - answers[503], ""),
    ]
    return Part(f"overload: {clients} upload at once", figures)


def _read(reader: Browser) -> float:
    start = time.perf_counter()
    reader.get("/materials/")
    return time.perf_counter() - start
