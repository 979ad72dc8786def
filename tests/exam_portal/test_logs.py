"""One request, one name: in every line of the log, in the answer and on the page of a fault."""

import io
import json
import logging
import re
from ipaddress import ip_network

import pytest

from exam_portal.log_settings import log_settings
from exam_portal.logs import JSONFormatter, PersonalFormatter
from tests import factories

GIVEN = "4f1c0d9e77aa4c1b8d0e5a6b7c8d9e0f"


@pytest.fixture
def written(request):
    """What the log says, in the format that the test names."""
    stream = io.StringIO()
    formatters = {
        "json": JSONFormatter(),
        "line": PersonalFormatter(log_settings("line")["formatters"]["line"]["format"]),
    }
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatters[request.param])
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


as_json = pytest.mark.parametrize("written", ["json"], indirect=True)
as_line = pytest.mark.parametrize("written", ["line"], indirect=True)


@pytest.fixture
def broken(client, monkeypatch):
    def boom(*args, **kwargs):
        raise RuntimeError(f"of {factories.id_number(7)}\nand more")

    monkeypatch.setattr("candidates.views.front.open_sessions", boom)
    client.raise_request_exception = False
    return client


@as_json
@pytest.mark.django_db
def test_a_fault_as_json(broken, written):
    answer = broken.get("/")
    [line] = written.getvalue().splitlines()
    said = json.loads(line)
    assert said.pop("time").endswith("+00:00")
    assert "RuntimeError" in said["exception"]
    assert factories.id_number(7) not in said.pop("exception")
    assert said == {
        "level": "ERROR",
        "logger": "django.request",
        "message": "Internal Server Error: /",
        "request_id": answer.headers["X-Request-ID"],
        "view": "home",
        "status": 500,
    }
    assert answer.headers["X-Request-ID"][:8] in answer.content.decode()


@as_line
@pytest.mark.django_db
def test_a_fault_as_a_line(broken, written):
    answer = broken.get("/")
    first = written.getvalue().splitlines()[0]
    assert first.endswith(f" ERROR django.request {answer.headers['X-Request-ID']} Internal Server Error: /")


@as_json
@pytest.mark.django_db
def test_what_is_said_after_the_answer_has_the_name_too(client, written):
    answer = client.get("/nothing/")
    [line] = written.getvalue().splitlines()
    assert json.loads(line)["request_id"] == answer.headers["X-Request-ID"]
    assert json.loads(line)["status"] == 404


@as_json
def test_outside_a_request_there_is_none(written):
    logging.getLogger("portal").warning("%s and %s", "one", factories.id_number(7), extra={"secret": "2"})
    assert set(json.loads(written.getvalue())) == {"time", "level", "logger", "message"}
    assert json.loads(written.getvalue())["message"] == "one and …"


@pytest.mark.parametrize(
    ("trusted", "peer", "header", "is_believed"),
    [
        (["10.0.0.7"], "10.0.0.7", GIVEN, True),
        (["10.0.0.7"], "", GIVEN, True),
        (["10.0.0.7"], "203.0.113.9", GIVEN, False),
        ([], "127.0.0.1", GIVEN, False),
        (["10.0.0.7"], "10.0.0.7", "110101199003074258", False),
        (["10.0.0.7"], "10.0.0.7", 'x" onload="alert(1)', False),
        (["10.0.0.7"], "10.0.0.7", "a" * 65, False),
    ],
)
def test_whose_name_is_believed(client, settings, trusted, peer, header, is_believed):
    settings.TRUSTED_PROXIES = [ip_network(one) for one in trusted]
    answer = client.get("/healthz", headers={"x-request-id": header}, REMOTE_ADDR=peer)
    assert (answer.headers["X-Request-ID"] == header) == is_believed
    assert is_believed or re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-ID"])
