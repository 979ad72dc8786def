"""A picture is looked at in a process that ends with it; what goes wrong there is a refusal here."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from materials import intake
from materials.intake import Refused, Unavailable, isolated, take, wire
from tests import pictures

from .policies import FITTING

JPEG = pictures.encoded(pictures.document(600, 800), quality=75)


@pytest.fixture
def sabotaged(monkeypatch):
    """Has pictures looked at by a process whose ``take_in`` is something else: statements, given ``data``."""

    def sabotage(statements: str, **limits: int) -> None:
        body = "".join(f"    {line}\n" for line in statements.splitlines())
        setup = "".join(f"wire.{name} = {value}\n" for name, value in limits.items())
        program = (
            "import ctypes, os, resource, signal, socket, sys, threading, time\n"
            "from materials.intake import forkserver, wire\n"
            "real = forkserver.take_in\n"
            f"def take_in(data, policy, turn, rewrite):\n{body}    return real(data, policy, turn, rewrite=rewrite)\n"
            f"{setup}forkserver._ready()\nforkserver._ready = lambda: None\nforkserver.take_in = take_in\n"
            "forkserver.main()"
        )
        isolated.end()
        monkeypatch.setattr(isolated, "_PROGRAM", ["-c", program])

    yield sabotage
    isolated.end()


@pytest.mark.parametrize("turn", [1, 6])
def test_the_answer_is_the_one_that_it_would_be_here(turn):
    large = pictures.encoded(pictures.document(1500, 2000, noise=12), quality=92)
    for data in (JPEG, large, pictures.encoded(pictures.document(300, 200), "PNG")):
        assert intake.take_in(data, FITTING, turn) == take.take_in(data, FITTING, turn)


@pytest.mark.parametrize(
    "data", [b"", b"GIF89a", JPEG[:-100], pictures.bomb_rgb(), JPEG + bytes(21_000_000)], ids=range(5)
)
def test_a_refusal_comes_whole(data):
    with pytest.raises(Refused) as here:
        take.take_in(data, FITTING)
    with pytest.raises(Refused) as there:
        intake.take_in(data, FITTING)
    assert (there.value.code, there.value.details) == (here.value.code, here.value.details)


@pytest.mark.parametrize(
    ("statements", "limits"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", {}),
        ("os.abort()", {}),
        ("ctypes.string_at(0)", {}),
        ("os._exit(1)", {}),
        ("while True: pass", {"CPU_SECONDS": 1}),
        ("bytearray(600 * 1024 * 1024)", {}),
        ("raise KeyError", {}),
    ],
    ids=["crash", "abort", "null", "exit", "cpu", "memory", "error"],
)
def test_whatever_a_decoder_does_is_a_refusal_and_the_next_picture_is_taken(sabotaged, statements, limits):
    sabotaged(f"if data == b'hostile':\n    {statements}", **limits)
    with pytest.raises(Refused) as caught:
        intake.take_in(b"hostile", FITTING)
    assert caught.value.code == "corrupt"
    assert intake.take_in(JPEG, FITTING).width == 600


@pytest.mark.parametrize("statements", ["time.sleep(60)", "os.kill(os.getpid(), signal.SIGKILL)"])
def test_what_is_not_the_pictures_fault_is_none_of_the_candidates(sabotaged, statements):
    sabotaged(statements, CLOCK_SECONDS=1)
    with pytest.raises(Unavailable):
        intake.take_in(JPEG, FITTING)


@pytest.mark.parametrize(
    "statements",
    [
        "open('/etc/hostname')",
        "socket.socket()",
        "os.listdir('.')",
        "os.dup(job)",
        "assert not [d for d in range(64) if d != job and os.path.exists(f'/proc/self/fd/{d}')]; 1 / 0",
        "assert not {'SECRET_KEY', 'DATABASE_URL', 'HOME'} & set(os.environ); 1 / 0",
    ],
)
def test_it_can_reach_nothing(sabotaged, statements):
    job = "job = next(d for d in range(3, 256) if not raises(lambda: os.fstat(d)))"
    raises = "def raises(act):\n    try: act()\n    except OSError: return True\n    return False"
    goes_on = "except (OSError, ZeroDivisionError):\n    return real(data, policy, turn, rewrite=rewrite)"
    sabotaged(f"{raises}\n{job}\ntry:\n    {statements}\n{goes_on}\nos.abort()")
    assert intake.take_in(JPEG, FITTING).width == 600


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"x" * 5,
        b"\0" * 12,
        wire.answer(Refused("empty"))[0][:-1],
        b"".join(wire.answer(replace(take.take_in(JPEG, FITTING), data=b"x" * 300_000))),
        b"".join(wire.answer(take.take_in(JPEG, FITTING))) + b"more",
        b"y" * 3_000_000,
    ],
    ids=["nothing", "short", "zeros", "cut", "too large", "more", "endless"],
)
def test_an_answer_that_makes_no_sense_is_not_believed(sabotaged, tmp_path, answer):
    sabotaged("from materials.intake.outcome import Refused\nraise Refused(data)")
    program = isolated._PROGRAM[1]
    (tmp_path / "answer").write_bytes(answer)
    program = f"ANSWER = open({str(tmp_path / 'answer')!r}, 'rb').read()\n" + program.replace(
        "forkserver.main()", "wire.answer = lambda _: [ANSWER]\nforkserver.main()"
    )
    isolated._PROGRAM[1] = program
    with pytest.raises((Refused, Unavailable)) as caught:
        intake.take_in(JPEG, FITTING)
    assert isinstance(caught.value, Unavailable) or caught.value.code == "corrupt"


def test_a_forking_process_that_was_killed_is_started_again():
    intake.take_in(JPEG, FITTING)
    process = isolated._forkserver._process
    process.kill()
    process.wait()
    assert intake.take_in(JPEG, FITTING).width == 600


def test_what_it_costs_is_told():
    _prepared, ending = isolated.take_in_measured(JPEG, FITTING)
    assert ending.status == 0
    assert 0 < ending.cpu < wire.CPU_SECONDS
    assert 10_000 < ending.peak < 200_000


def test_it_ends_with_the_web_worker_however_that_ends():
    script = (
        "import os, signal, sys; sys.path.insert(0, '.')\n"
        "from materials import intake; from materials.intake import isolated\n"
        "from tests.materials.intake.test_isolated import JPEG, FITTING\n"
        "intake.take_in(JPEG, FITTING)\n"
        "print(isolated._forkserver._process.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", script], cwd=root, stdout=subprocess.PIPE, check=False)
    assert done.returncode == -signal.SIGKILL
    pid = int(done.stdout)
    for _ in range(200):
        if not Path(f"/proc/{pid}").exists() or "(zombie)" in Path(f"/proc/{pid}/status").read_text():
            break
        time.sleep(0.05)
    else:
        os.kill(pid, signal.SIGKILL)
        pytest.fail("the forking process is still there")
