"""The virus scanner's word about an upload (docs/quality.md, section 1, line 14): only "OK" lets one pass."""

import socket
import threading
import time
from contextlib import contextmanager

import pytest
from django.conf import settings as live_settings

from candidates.enums import Action
from candidates.models import Event
from candidates.refusals import Refusal
from exam_portal import environment
from materials import scanner
from materials.models import Item, Photo
from tests import factories
from tests.exam_portal.test_environment import start

from .clamd import EICAR, carrying_eicar, exactly, read_stream, says, scanner_that, until_hung_up
from .pages import errors, file, items, upload

pytestmark = pytest.mark.django_db
OK = says(b"stream: OK\0")


@contextmanager
def configured(settings, behave):
    with scanner_that(behave) as address:
        settings.SCANNER = address
        yield


def assert_nothing_stored():
    assert not Photo.objects.exists()
    assert not Item.objects.exists()
    assert not Event.objects.filter(action=Action.PHOTO_ADDED).exists()
    folder = live_settings.FILES_DIR / "photos"
    assert [path for path in folder.rglob("*") if path.is_file()] == []


# --- what it says ---------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 100, 101, 250])
def test_the_scanner_is_sent_every_byte_as_it_came(settings, monkeypatch, size):
    monkeypatch.setattr(scanner, "CHUNK_BYTES", 100)
    seen = []

    def behave(connection):
        seen.append(read_stream(connection))
        connection.sendall(b"stream: OK\0")

    data = bytes(range(251))[:size]
    with configured(settings, behave):
        scanner.refuse_unless_clean(data)
    assert seen == [data]


def test_what_is_clean_is_taken(client, draft, settings):
    with configured(settings, OK):
        assert upload(client, "ID", file()).status_code == 303
    assert Photo.objects.count() == 1


def test_what_is_infected_is_refused_with_what_to_do(client, draft, settings, caplog):
    with configured(settings, says(b"stream: Eicar-Signature FOUND\0")):
        answer = upload(client, "ID", file(name="mine.jpg"))
    assert (answer.status_code, errors(answer)) == (422, ["infected"])
    assert "请用手机相机重新拍摄" in answer.content.decode()
    assert_nothing_stored()
    [line] = [entry for entry in caplog.records if entry.name == "materials.scanner"]
    assert "Eicar-Signature" in line.getMessage()
    assert "mine.jpg" not in line.getMessage()


def test_of_several_the_clean_ones_are_kept(client, draft, settings):
    def behave(connection):
        infected = EICAR in read_stream(connection)
        connection.sendall(b"stream: Eicar-Signature FOUND\0" if infected else b"stream: OK\0")

    with configured(settings, behave):
        answer = upload(client, "EDU", file(seed=1), file(carrying_eicar()), file(seed=2))
    assert (answer.status_code, errors(answer)) == (422, ["infected"])
    assert items(answer)["EDU"].photos == 2


# --- what goes wrong ------------------------------------------------------------------------------


def hangs_up_at_once(connection):
    pass


def hangs_up_in_the_middle(connection):
    exactly(connection, 12)


def hangs_up_without_a_word(connection):
    read_stream(connection)


def says_ok_and_no_more_is_read(connection):
    exactly(connection, 14)
    connection.sendall(b"stream: OK\0")


def sends_it_back(connection):
    connection.sendall(b"stream: " + read_stream(connection) + b" OK\0")


def sends_its_beginning_back(connection):
    connection.sendall(b"stream: " + read_stream(connection)[:20] + b" OK\0")


def talks_for_ever(connection):
    read_stream(connection)
    while True:
        connection.sendall(b"stream: OK " * 1000)


TROUBLE = {
    "error": says(b"INSTREAM: something ERROR\0"),
    "unknown command": says(b"UNKNOWN COMMAND\0"),
    "garbage": says(b"\xff\xfe HTTP/1.1 200 OK\r\n\r\n\0"),
    "nothing but an end": says(b"\0"),
    "OK of something else": says(b"/etc/passwd: OK\0"),
    "OK and more": says(b"stream: OK\0stream: Eicar-Signature FOUND\0"),
    "OK without an end": says(b"stream: OK"),
    "OK with a line's end": says(b"stream: OK\n"),
    "found without a name": says(b"stream:  FOUND\0"),
    "hangs up at once": hangs_up_at_once,
    "hangs up in the middle": hangs_up_in_the_middle,
    "hangs up without a word": hangs_up_without_a_word,
    "found with an endless name": says(b"stream: " + b"x" * 5000 + b" FOUND\0"),
    "sends it back": sends_it_back,
    "sends its beginning back": sends_its_beginning_back,
    "talks for ever": talks_for_ever,
}


@pytest.mark.parametrize("what", TROUBLE)
def test_anything_else_is_refused_as_our_fault(client, draft, settings, caplog, what):
    with configured(settings, TROUBLE[what]):
        answer = upload(client, "ID", file(name="mine.jpg"))
    assert_refused_as_our_fault(answer, caplog)


def assert_refused_as_our_fault(answer, caplog):
    assert (answer.status_code, errors(answer)) == (503, ["scanner"])
    assert "这是系统的问题" in answer.content.decode()
    assert_nothing_stored()
    [line] = [entry for entry in caplog.records if entry.name == "materials.scanner"]
    assert line.levelname == "ERROR"
    for private in ("mine.jpg", "TJ26", "JFIF", "张三"):
        assert private not in line.getMessage()


def test_nobody_there(client, draft, settings, caplog):
    with scanner_that(OK) as address:
        settings.SCANNER = address
    assert_refused_as_our_fault(upload(client, "ID", file(name="mine.jpg")), caplog)


def test_no_unix_socket_there(client, draft, settings, caplog, tmp_path):
    settings.SCANNER = str(tmp_path / "clamd.ctl")
    assert_refused_as_our_fault(upload(client, "ID", file(name="mine.jpg")), caplog)


def test_the_rest_of_several_is_not_tried_once_the_scanner_is_away(client, draft, settings):
    asked = []

    def behave(connection):
        asked.append(read_stream(connection))

    with configured(settings, behave):
        answer = upload(client, "EDU", file(seed=1), file(seed=2), file(seed=3))
    assert (answer.status_code, errors(answer)) == (503, ["scanner"] * 3)
    assert len(asked) == 1


def test_the_other_pages_still_work(client, draft, settings):
    with configured(settings, hangs_up_at_once):
        assert client.get("/materials/").status_code == 200
        assert client.get("/materials/ID/").status_code == 200


def test_clamds_own_complaint_about_a_stream_it_stops_reading_is_logged(settings, caplog):
    def behave(connection):
        exactly(connection, 1000)
        connection.sendall(b"INSTREAM size limit exceeded. ERROR\0")
        connection.shutdown(socket.SHUT_WR)
        until_hung_up(connection)

    with configured(settings, behave), pytest.raises(Refusal):
        scanner.refuse_unless_clean(bytes(100_000))
    assert "INSTREAM size limit exceeded." in caplog.text


def test_an_ok_to_a_part_counts_for_nothing(settings):
    with configured(settings, says_ok_and_no_more_is_read), pytest.raises(Refusal) as caught:
        scanner.refuse_unless_clean(bytes(20_000_000))
    assert caught.value.code == "scanner"


# --- time: a short deadline is always missed here, on however fast a machine ------------------------


def silent(connection):
    until_hung_up(connection)


def drips(connection):
    read_stream(connection)
    for byte in b"stream: OK\0":
        time.sleep(0.1)
        connection.sendall(bytes([byte]))


def sips(connection):
    """Takes 20 MB in steps that are each quick enough, and says OK in the end."""
    for _ in range(10):
        time.sleep(0.1)
        exactly(connection, 2_000_000)
    connection.sendall(b"stream: OK\0")
    until_hung_up(connection)


@pytest.mark.parametrize("behave", [silent, drips, sips])
def test_the_deadline_is_for_all_of_it(settings, monkeypatch, caplog, behave):
    monkeypatch.setattr(scanner, "SCAN_SECONDS", 0.5)
    with configured(settings, behave), pytest.raises(Refusal) as caught:
        scanner.refuse_unless_clean(bytes(20_000_000 if behave is sips else 1000))
    assert (caught.value.code, caught.value.status) == ("scanner", 503)
    assert "TimeoutError" in caplog.text


def test_one_that_reads_nothing_holds_nobody(settings, monkeypatch):
    monkeypatch.setattr(scanner, "SCAN_SECONDS", 0.5)
    given_up, seen = threading.Event(), []
    with configured(settings, lambda connection: seen.append(given_up.wait(60))):
        with pytest.raises(Refusal):
            scanner.refuse_unless_clean(bytes(20_000_000))
        given_up.set()
    assert seen == [True]


def test_a_silent_scanner_is_a_page(client, draft, settings, monkeypatch, caplog):
    monkeypatch.setattr(scanner, "SCAN_SECONDS", 0.2)
    with configured(settings, silent):
        answer = upload(client, "ID", file(name="mine.jpg"))
    assert_refused_as_our_fault(answer, caplog)


# --- when it is asked -----------------------------------------------------------------------------


def test_it_is_asked_before_anything_looks_at_the_bytes(client, draft, settings):
    with configured(settings, says(b"stream: Eicar-Signature FOUND\0")):
        assert errors(upload(client, "ID", file(b"GIF89a no picture"))) == ["infected"]
    with configured(settings, OK):
        assert errors(upload(client, "ID", file(b"GIF89a no picture"))) == ["format"]


def test_it_is_not_asked_where_there_is_no_point(client, draft, settings):
    settings.SCANNER = ("127.0.0.1", 1)
    settings.UPLOADS_PER_HOUR = 0
    assert errors(upload(client, "ID", file())) == ["quota"]
    factories.close_window(draft.session)
    assert errors(upload(client, "ID", file())) == ["closed"]


def test_it_is_off_unless_configured(monkeypatch):
    monkeypatch.setattr(scanner, "_ask", lambda *args: pytest.fail("asked"))
    assert live_settings.SCANNER is None
    scanner.refuse_unless_clean(EICAR)


# --- readiness ------------------------------------------------------------------------------------


def pongs(connection):
    assert exactly(connection, 6) == b"zPING\0"
    connection.sendall(b"PONG\0")


def is_something_else(connection):
    connection.sendall(b"SSH-2.0\0")


@pytest.mark.parametrize(
    ("behave", "failing"), [(pongs, []), (hangs_up_at_once, ["scanner"]), (is_something_else, ["scanner"])]
)
def test_readyz_asks_it(client, settings, behave, failing):
    with configured(settings, behave):
        answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["failing"]) == (503 if failing else 200, failing)


# --- the setting ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("", None),
        ("tcp://127.0.0.1:3310", ("127.0.0.1", 3310)),
        ("tcp://[::1]:3310", ("::1", 3310)),
        (" tcp://clamd.example:3310 ", ("clamd.example", 3310)),
        ("unix:///var/run/clamav/clamd.ctl", "/var/run/clamav/clamd.ctl"),
    ],
)
def test_good_values(monkeypatch, value, address):
    monkeypatch.setenv("SCANNER", value)
    assert environment.socket_address("SCANNER") == address


@pytest.mark.parametrize(
    "value",
    [
        "on",
        "clamd:3310",
        "tcp://clamd",
        "tcp://:3310",
        "tcp://clamd:0",
        "tcp://clamd:65536",
        "tcp://clamd:x",
        "tcp://a..b:3310",
        "tcp://user@clamd:3310",
        "tcp://clamd:3310/path",
        "https://clamd:3310",
        "unix://run/clamd.ctl",
        "unix:///",
        "unix:///run/clamd.ctl?x",
        "unix:///" + "x" * 107,
    ],
)
def test_wrong_values_are_named(monkeypatch, value):
    monkeypatch.setenv("SCANNER", value)
    with pytest.raises(SystemExit) as caught:
        environment.socket_address("SCANNER")
    for said in ("SCANNER", repr(value), "tcp://host:port", "unix:///path"):
        assert said in str(caught.value)


def test_a_wrong_value_stops_the_start_with_one_line(tmp_path):
    result = start(tmp_path, {"SCANNER": "clamd:3310"})
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("SCANNER is 'clamd:3310'; it must be tcp://host:port")
    assert len(result.stderr.splitlines()) == 1
