"""What each act costs, through gunicorn and PostgreSQL: the ground of docs/capacity.md and of bench/capacity.py."""

from __future__ import annotations

import io
import re
import resource
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from itertools import cycle

from PIL import Image

from bench import camera
from bench.export import _ROWS
from bench.intake import compliant_picture, heic, letter, photo, photographed
from bench.meter import Cost, Measured, Meter
from bench.report import Figure, Part, of_runs
from bench.served import Browser, Portal, multipart
from exam_portal import backlog, gunicorn_conf
from materials.intake.fit import MOST_PIXELS

#: Uploads of this name are what bench/capacity.py draws its service times from.
UPLOAD = "upload: "
#: PostgreSQL writes a page whole when it is first changed after one; of this only the WAL is told.
AFTER_CHECKPOINT = "upload, the first after a checkpoint"
KINDS: dict[str, Callable[[int], bytes]] = {
    f"{UPLOAD}JPEG within the limit": compliant_picture,
    f"{UPLOAD}photo of 12 megapixels": photo,
    f"{UPLOAD}photo of 12 megapixels, as the page sends it": lambda seed: shrunk(photo(seed)),
    f"{UPLOAD}HEIC of 12 megapixels": lambda seed: heic(photographed(letter(12_000_000, seed), seed)),
}
_SEEDS = 5
_TOLD = 5_000  # candidates of the session that is published, and rows of the one that is exported
_ITEM = re.compile(r'data-item="(\w+)" data-locked="false"[^>]*data-photos="(\d+)" data-min="(\d+)"')

_FIGURES = {
    "web": ("CPU of gunicorn with its decoders", "ms"),
    "postgres": ("CPU of PostgreSQL", "ms"),
    "wal": ("WAL", "bytes"),
    "sent": ("from the browser, headers included", "bytes"),
    "received": ("to the browser, headers included", "bytes"),
    "stored": ("files of pictures", "bytes"),
    "files": ("files of pictures, number", "files"),
}
_OF_ALL = {
    "statements": ("statements", "statements"),
    "transactions": ("transactions", "transactions"),
    "held": ("a connection of PostgreSQL is held within transactions", "ms"),
    "rows": ("rows that stay", "rows"),
    "size": ("tables and indexes grow by", "bytes"),
}

Acts = Iterator[tuple[Browser, Callable[[], object]]]


def shrunk(data: bytes) -> bytes:
    """As static/upload/picture.js makes a large photo smaller before it is sent."""
    image = Image.open(io.BytesIO(data))
    scale = (MOST_PIXELS / (image.width * image.height)) ** 0.5
    return camera.as_jpeg(image.resize((int(image.width * scale), int(image.height * scale))), 92)


def acts(portal: Portal, runs: int) -> Iterator[Part]:
    """Candidates go the whole way, reviewers judge some of them, staff publish and export a session of its own."""
    with closing(Meter(portal)) as meter:
        measured = list(_measured(portal, meter, runs))
    for what, (title, unit) in _FIGURES.items():
        figures = [of_runs(one.name, one.all(what), unit) for one in measured if any(one.all(what))]
        yield Part(f"each act: {title} (median)", figures)
    for what, (title, unit) in _OF_ALL.items():
        figures = [Figure(one.name, getattr(one, what), unit) for one in measured if getattr(one, what)]
        yield Part(f"each act: {title}", figures)


def _measured(portal: Portal, meter: Meter, runs: int) -> Iterator[Measured]:
    people = portal.candidates(max(5, runs // 3))
    yield meter.measure("sign-in: page and form", _signing_in(portal, people, runs))
    places = {person: person.places() for person in people}
    for kind, picture in KINDS.items():
        bodies = [multipart(picture(seed)) for seed in range(_SEEDS)]
        sending = [(person, partial(person.upload, places[person].pop(), body)) for body in bodies for person in people]
        yield meter.measure(kind, iter(sending))
    small, after = multipart(camera.as_jpeg(letter(300_000, 99))), Measured(AFTER_CHECKPOINT)
    for person in people:
        meter.ask("CHECKPOINT")
        before = meter.cost(person)
        person.upload(places[person].pop(), small)
        after.costs.append(Cost(wal=(meter.cost(person) - before).wal))
    yield after
    yield _turned_away(portal, meter, multipart(shrunk(photo())))
    for name, path in (
        ("materials page", "/materials/"),
        ("category page", "/materials/OTHER/"),
        ("registration page", "/registration/"),
        ("page to check before submitting", "/materials/submit/"),
    ):
        yield meter.measure(name, _again(runs, people, path))
    for name, path in (("picture", "/photos/{}/"), ("thumbnail", "/photos/{}/thumb/")):
        yield meter.measure(f"{name}, by its candidate", _photos(people, path))
    for person in people:
        _complete(person)
    yield meter.measure("submit, and the receipt", ((person, partial(_submit, person)) for person in people))
    yield from _reviewing(meter, portal.staff("site1"), len(people))
    yield from _telling(portal, meter, runs)


def _signing_in(portal: Portal, people: list[Browser], runs: int) -> Acts:
    names = cycle(portal.names)
    for _run, _person in zip(range(runs), cycle(people), strict=False):
        browser = Browser(portal.port)
        yield browser, partial(browser.sign_in, next(names), portal.password)


def _again(runs: int, people: list[Browser], path: str) -> Acts:
    for _run, person in zip(range(2 * runs), cycle(people), strict=False):
        yield person, partial(person.get, path)


def _photos(people: list[Browser], path: str) -> Acts:
    for person in people:
        for one in dict.fromkeys(re.findall(r'data-photo="([^"]+)"', person.get("/materials/"))):
            yield person, partial(person.fetch, path.format(one))


def _complete(person: Browser) -> None:
    """Put a small picture wherever one is missing."""
    seed = 100
    for code, have, least in _ITEM.findall(person.get("/materials/")):
        for _missing in range(int(have), int(least)):
            person.upload(code, multipart(camera.as_jpeg(letter(300_000, seed))))
            seed += 1


def _submit(person: Browser) -> None:
    checked = re.search(r'name="checked" value="(\w+)"', person.get("/materials/submit/"))
    assert checked, "something is missing"
    person.post("/materials/submit/", checked=checked[1])
    person.get("/materials/receipt/1/")


def _turned_away(portal: Portal, meter: Meter, body: bytes, number: int = 24) -> Measured:
    """Uploads in line before more than may wait, behind somebody at each worker who says nothing."""

    def silent(count: int) -> list[socket.socket]:
        return [socket.create_connection(("127.0.0.1", portal.port)) for _ in range(count)]

    holding = silent(gunicorn_conf.workers)
    with ThreadPoolExecutor(number) as senders:
        sent = [senders.submit(Browser(portal.port).attempt, "OTHER", body) for _ in range(number)]
        time.sleep(1)  # until all are in line
        behind = silent((backlog.FOR_EACH_WORKER + 2) * gunicorn_conf.workers)
        before = meter.cost()
        for one in holding:
            one.close()
        for one in sent:
            assert one.result() == 503
    cost = _each(meter.cost() - before, number)
    for one in behind:
        one.close()
    return Measured("upload turned away", [cost])


def _reviewing(meter: Meter, reviewer: Browser, number: int) -> Iterator[Measured]:
    """The ways of one review; as many as there are, measured one beside another."""
    steps = {name: Measured(f"review: {name}") for name in ("next and screen", "picture", "verdict", "finish")}

    def timed(name: str, act: Callable[[], object]) -> object:
        before = meter.cost(reviewer)
        result = act()
        steps[name].costs.append(meter.cost(reviewer) - before)
        return result

    for _review in range(number):
        screen = str(timed("next and screen", partial(_take, reviewer)))
        page = reviewer.get(screen)
        for one in list(dict.fromkeys(re.findall(r'data-photo="([^"]+)"', page)))[:6]:
            timed("picture", partial(reviewer.fetch, f"/photos/{one}/"))
        for code in re.findall(r'data-item="(\w+)"[^>]*data-photos="[1-9]', page)[:4]:
            version = _version(reviewer, screen)
            timed("verdict", partial(reviewer.post, f"{screen}items/{code}/", version=version, verdict="accepted"))
        reviewer.post(f"{screen}accept-rest/", version=_version(reviewer, screen))
        version = _version(reviewer, screen)
        timed("finish", partial(reviewer.post, f"{screen}finish/", version=version, outcome="pass"))
    yield from steps.values()


def _take(reviewer: Browser) -> str:
    screen = reviewer.led_to("/admin/review/next/")
    reviewer.get(screen)
    return screen


def _version(reviewer: Browser, screen: str) -> str:
    found = re.search(r'data-version="(\d+)"', reviewer.get(screen))
    assert found
    return found[1]


def _telling(portal: Portal, meter: Meter, runs: int) -> Iterator[Measured]:
    """Publication and what it sends, for each candidate; an export, for each row."""
    with closing(portal.database()) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(_ROWS, {"rows": _TOLD})
        cursor.execute("UPDATE candidates_candidate SET phone = (SELECT max(phone) FROM candidates_candidate)")
        cursor.execute(
            "UPDATE candidates_examsession SET closes_at = now() - interval '2 days', opens_at = now() - interval "
            "'9 days', corrections_until = now() - interval '1 day' WHERE code = 'BENCH'"
        )
        cursor.execute("VACUUM ANALYZE")
        staff, export = portal.staff(), Measured("export as CSV, a row")
        for _run in range(runs):
            before = meter.cost(staff)
            streamed = staff.stream("/admin/export/results.csv?session=BENCH")
            cost = _each(meter.cost(staff) - before, _TOLD)
            cost.received = streamed.bytes / _TOLD
            export.costs.append(cost)
        yield export
        idle = _child_cpu(portal, "publish_results", "--help")
        published = Measured("publication, a candidate told by one SMS")
        rows, size = meter.rows_and_size()
        senders = meter.started_as("send_messages")
        sent_before, before = meter.cpu(senders), meter.cost()
        cpu = _child_cpu(portal, "publish_results", "--session", "BENCH") - idle
        cost = _each(meter.cost() - before, _TOLD)
        cost.web = cpu / _TOLD
        published.costs.append(cost)
        more_rows, more_size = meter.rows_and_size()
        published.rows, published.size = (more_rows - rows) / _TOLD, (more_size - size) / _TOLD
        yield published
        sent, before = Measured("message sent, to a file"), meter.cost()
        while meter.ask("SELECT count(*) FROM candidates_delivery WHERE status = 'waiting'"):
            time.sleep(1)
        cost = _each(meter.cost() - before, _TOLD)
        cost.web = (meter.cpu(senders) - sent_before) / _TOLD
        sent.costs.append(cost)
        yield sent


def _each(cost: Cost, number: int) -> Cost:
    return Cost(*(getattr(cost, name) / number for name in Cost.__dataclass_fields__))


def _child_cpu(portal: Portal, *arguments: str) -> float:
    """Milliseconds of a command's own work."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    portal.run("manage.py", *arguments)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
