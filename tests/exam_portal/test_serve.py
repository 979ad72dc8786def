"""`make run`: refuses a taken port, answers, and stops all it started."""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from exam_portal.serve import commands

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def data_dir() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="portal-"))
    folder.chmod(0o711)  # for the account that the server runs as when root runs the tests
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken


@contextmanager
def launch(data_dir: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """The launcher, stopped whatever becomes of the test."""
    unset = {"DATABASE_URL", "DJANGO_SETTINGS_MODULE", "ALLOWED_HOSTS", "DEBUG"}
    clean = {name: value for name, value in os.environ.items() if name not in unset}
    with subprocess.Popen(
        [sys.executable, "-m", "exam_portal.serve"],
        env={**clean, "PORTAL_DATA_DIR": str(data_dir), "PORT": str(port)},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def test_a_taken_port_is_refused_before_anything_is_started(data_dir, listener):
    port = listener.getsockname()[1]
    with launch(data_dir, port) as process:
        out, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert out == ""
    [line] = err.splitlines()
    assert line.startswith(f"PORT is {port}, ")
    assert not (data_dir / "postgres" / "data").exists()


def test_what_runs_beside_the_web_server_understands_how_it_is_started():
    beside = [command[1:] for command in commands(8000).values() if command[0] == "manage.py"]
    assert beside
    for name, *arguments in beside:
        command = load_command_class(get_commands()[name], name)
        assert command.create_parser("manage.py", name).parse_args(arguments).every


@pytest.mark.slow
def test_it_answers_until_it_is_interrupted_and_leaves_nothing(data_dir, listener):
    port = listener.getsockname()[1]
    listener.close()
    with launch(data_dir, port) as process:
        printed: list[str] = []
        assert process.stdout
        assert process.stderr
        for line in process.stdout:
            printed.append(line)
            if line == f"http://127.0.0.1:{port}\n":
                break
        else:
            pytest.fail(process.stderr.read())
        assert any("TJ26000001" in line for line in printed), "the demonstration accounts are printed"
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/healthz")
        assert connection.getresponse().status == 200
        connection.close()
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        assert len(children) == 4
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Traceback" not in err
    assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]
    assert not (data_dir / "postgres" / "data" / "postmaster.pid").exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
