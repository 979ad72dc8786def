"""What deploy/ has that no test can start here: it is well formed, and refers to nothing that is not there."""

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
import yaml
from django.conf import settings as portal_settings
from django.core.management import get_commands, load_command_class
from django.test import Client

from drill.portal import free_ports
from exam_portal import gunicorn_conf
from exam_portal.serve import commands, die_with_parent
from tests.exam_portal.production import ENVIRONMENT

ROOT = Path(portal_settings.BASE_DIR)
DEPLOY = ROOT / "deploy"
UNITS = sorted(path for path in (DEPLOY / "systemd").iterdir() if path.is_file())
#: Of others: Python, gunicorn, boto's certificates, PostgreSQL's image.
NOT_OURS = {"PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "WEB_CONCURRENCY", "AWS_CA_BUNDLE"}
NOT_OURS |= {"POSTGRES_DB", "POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_INITDB_ARGS"}
PYTHON = re.compile(r"^(/srv/portal/)?\.venv/bin/python$")


def settings_of_the_contract() -> set[str]:
    return set(re.findall(r"\b([A-Z][A-Z0-9_]{3,})\b", (ROOT / "docs/contract.md").read_text()))


def instructions() -> list[tuple[str, str]]:
    """Of the Dockerfile, continued lines put together."""
    text = re.sub(r"\\\n\s*", "", (DEPLOY / "Dockerfile").read_text())
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(word, rest) for word, _space, rest in (line.partition(" ") for line in lines)]


def argument_lists(found: Any) -> list[list[str]]:
    """Every list of words in a YAML file that starts a Python of ours."""
    if isinstance(found, dict):
        return [one for value in found.values() for one in argument_lists(value)]
    if not isinstance(found, list):
        return []
    own = [[str(word) for word in found]] if found and PYTHON.match(str(found[0])) else []
    return own + [one for value in found for one in argument_lists(value)]


def environment_of(found: Any) -> set[str]:
    """Names under `environment`, `data` and `stringData`, and of `env`."""
    names: set[str] = set()
    if isinstance(found, dict):
        for key, value in found.items():
            if key in ("environment", "data", "stringData") and isinstance(value, dict):
                names |= set(value)
            elif key == "env":
                names |= {one["name"] for one in value}
            names |= environment_of(value)
    elif isinstance(found, list):
        names |= set().union(*map(environment_of, found))
    return names


def read(name: str) -> Any:
    return yaml.safe_load((DEPLOY / name).read_text())


def started() -> dict[str, list[list[str]]]:
    units = {
        unit.name: [shlex.split(line.partition("=")[2])]
        for unit in UNITS
        for line in unit.read_text().splitlines()
        if line.startswith("ExecStart=")
    }
    [image] = [rest for word, rest in instructions() if word == "CMD"]
    return {
        **units,
        "Dockerfile": [yaml.safe_load(image)],
        "compose.yaml": argument_lists(read("compose.yaml")),
        "kubernetes.yaml": argument_lists(read("kubernetes.yaml")),
    }


@pytest.mark.parametrize(("name", "lines"), started().items(), ids=started().keys())
def test_what_is_started_is_there_and_takes_these_arguments(name, lines):
    assert lines
    for python, *arguments in lines:
        assert PYTHON.match(python)
        if arguments[0] == "-m":
            command = [sys.executable, *arguments, "--check-config"]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=demonstration())
            assert done.returncode == 0, done.stderr
        else:
            manage, command_name, *rest = arguments
            assert manage == "manage.py"
            parser = load_command_class(get_commands()[command_name], command_name).create_parser("", command_name)
            parser.parse_args(rest)


def demonstration() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}


def test_all_that_make_run_keeps_running_runs_everywhere():
    kept = {" ".join(command[1:]) for command in commands(8000).values() if command[0] == "manage.py"}
    units = [" ".join(words[2:]) for name, lines in started().items() if ".service" in name for words in lines]
    assert kept <= set(units)
    for name in ("compose.yaml", "kubernetes.yaml"):
        assert kept <= {" ".join(words[2:]) for words in started()[name]}, name


def test_every_setting_is_one_of_the_contract():
    known = settings_of_the_contract() | NOT_OURS
    set_in_image = {name for word, rest in instructions() if word == "ENV" for name in re.findall(r"(\w+)=", rest)}
    in_units = set(
        re.findall(r"^Environment=(\w+)=", (DEPLOY / "systemd/exam-portal-.service.d/common.conf").read_text(), re.M)
    )
    found = set_in_image | in_units
    for name in ("compose.yaml", "kubernetes.yaml"):
        found |= environment_of(read(name))
    assert found - known == set()
    assert {"TRUSTED_PROXIES", "DATABASE_URL", "DATABASE_OWNER_URL", "METRICS_TOKEN", "LOG_FORMAT"} <= found


def test_only_migrate_is_told_the_owner():
    items = read("kubernetes.yaml")["items"]
    assert [item["metadata"]["name"] for item in items if "DATABASE_OWNER_URL" in str(item) and "spec" in item] == [
        "portal-migrate"
    ]
    services = read("compose.yaml")["services"]
    assert [name for name, one in services.items() if "owner.env" in str(one)] == ["migrate"]


def test_compose_refers_to_services_volumes_and_files_that_are_there():
    found = read("compose.yaml")
    made_by_operator = {"portal.env", "owner.env", "postgres.env", "userlist.txt", "s3.json", "tls", "tls/ca.crt"}
    for name, service in found["services"].items():
        assert set(service.get("depends_on", {})) <= set(found["services"]), name
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            if source.startswith("./"):
                path = source.removeprefix("./")
                assert path in made_by_operator or (DEPLOY / path).exists(), path
            else:
                assert source in found["volumes"], source
    assert (DEPLOY / found["x-portal"]["build"]["context"]).resolve() == ROOT
    assert (ROOT / found["x-portal"]["build"]["dockerfile"]).exists()


def test_probes_ask_what_answers(client, db):
    text = (DEPLOY / "kubernetes.yaml").read_text() + (DEPLOY / "Dockerfile").read_text()
    assert set(re.findall(r"/(?:healthz|readyz)\b", text)) == {"/healthz", "/readyz"}
    for path in ("/healthz", "/readyz"):
        assert client.get(path).status_code == 200


def test_the_image_is_not_roots_and_takes_what_is_there():
    words = instructions()
    [user] = [rest for word, rest in words if word == "USER"]
    assert user == "10001:10001"
    assert {word for word, _rest in words} <= {
        "FROM", "WORKDIR", "RUN", "COPY", "ENV", "USER", "EXPOSE", "HEALTHCHECK", "CMD",
    }  # fmt: skip
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    assert [name for name in kept if not (ROOT / name).exists()] == []
    assert {"candidates", "materials", "review", "exam_portal", "static", "templates", "locale"} <= set(kept)


@pytest.mark.slow
def test_the_image_collects_static_files_as_production_and_makes_nothing_else(tmp_path):
    [run] = [rest for word, rest in instructions() if word == "RUN" and "collectstatic" in rest]
    words = shlex.split(run)
    first = next(number for number, word in enumerate(words) if "=" not in word)
    environment = dict(word.split("=", 1) for word in words[:first])
    assert words[first] == ".venv/bin/python"
    environment["PORTAL_DATA_DIR"] = str(tmp_path)
    command = [sys.executable, *words[first + 1 :]]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["static"]
    assert (tmp_path / "static/staticfiles.json").exists()


# --- systemd --------------------------------------------------------------------------------------


def test_units_are_what_systemd_takes(tmp_path):
    verify = shutil.which("systemd-analyze")
    if verify is None:
        pytest.skip("systemd-analyze is not installed (Debian: systemd)")
    here = str(ROOT)
    for path in [*UNITS, DEPLOY / "systemd/exam-portal-.service.d/common.conf"]:
        text = path.read_text().replace("/srv/portal", here).replace("=/etc/exam-portal/portal.env", "=-/dev/null")
        # The account is not on this machine, nor need it be.
        text = re.sub(r"^(User|Group)=.*\n", "", text, flags=re.M).replace("ReadWritePaths=", "ReadWritePaths=-")
        target = tmp_path / path.relative_to(DEPLOY / "systemd")
        target.parent.mkdir(exist_ok=True)
        target.write_text(text)
    done = subprocess.run(
        [verify, "verify", "--man=no", *[str(tmp_path / unit.name) for unit in UNITS]],
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
        capture_output=True,
        text=True,
        check=False,
    )
    about_ours = [line for line in done.stderr.splitlines() if str(tmp_path) in line or "exam-portal" in line]
    assert about_ours == []


@pytest.mark.slow
def test_the_socket_is_held_for_the_web_server(tmp_path):
    """Who asks before gunicorn is there is answered by it, and it listens nowhere else."""
    activate = shutil.which("systemd-socket-activate")
    if activate is None:
        pytest.skip("systemd-socket-activate is not installed (Debian: systemd)")
    [[_python, *arguments]] = started()["exam-portal-web.service"]
    port, elsewhere = free_ports(2)
    environment = ENVIRONMENT | {
        "PATH": os.environ["PATH"],
        "PORTAL_DATA_DIR": str(tmp_path),
        "PORT": str(elsewhere),
        "WEB_CONCURRENCY": "1",
    }
    passed_on = [f"--setenv={name}={value}" for name, value in environment.items()]
    process = subprocess.Popen(
        [activate, f"--listen=127.0.0.1:{port}", *passed_on, sys.executable, *arguments],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=die_with_parent,
    )
    try:
        assert asked(port) == 200
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", elsewhere), timeout=5).close()
    finally:
        process.terminate()
        process.wait()
    assert list(Path(gunicorn_conf.SHARED_MEMORY or "/tmp").glob(f"portal-metrics-{process.pid}-*")) == []


def asked(port: int) -> int:
    for _ in range(200):
        try:
            with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=60) as answer:
                return answer.status
        except URLError:
            time.sleep(0.05)
    pytest.fail("nobody listens")


def test_a_dead_masters_workers_end_with_it():
    web = (DEPLOY / "systemd/exam-portal-web.service").read_text()
    assert "\nKillMode=mixed\n" in web
    assert gunicorn_conf.graceful_timeout < 30
    assert "\nTimeoutStopSec=30\n" in web


# --- what to watch --------------------------------------------------------------------------------


@pytest.mark.django_db
def test_alarms_ask_for_what_the_portal_says():
    answer = Client().get("/metrics", headers={"authorization": f"Bearer {portal_settings.METRICS_TOKEN}"})
    said = set(re.findall(r"^# TYPE (portal_\w+)", answer.content.decode(), re.M))
    said |= {f"{name}_bucket" for name in said}
    rules = [rule for group in read("prometheus.yaml")["groups"] for rule in group["rules"]]
    asked = {name for rule in rules for name in re.findall(r"portal_\w+", rule["expr"])}
    assert asked - said == set()
    documented = (ROOT / "docs/operations.md").read_text()
    assert [rule["alert"] for rule in rules if rule["alert"] not in documented] == []
