"""Taking in a picture in a process of its own, so that no picture can harm the web worker (forkserver.py)."""

from __future__ import annotations

import atexit
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from threading import Lock
from typing import Final

from . import wire
from .outcome import Policy, Prepared, Refused

logger = logging.getLogger(__name__)

#: A little more than a child has, whose own end is the better answer.
_PATIENCE: Final = wire.CLOCK_SECONDS + 5
_MOST_THUMBNAIL: Final = 1024 * 1024
#: Few arenas, since each counts against the memory that a picture may take; large pages, which spare a new process
#: a tenth of its time for having its memory page by page.
_MALLOC: Final = {"MALLOC_ARENA_MAX": "2", "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
_PROGRAM: Final = ["-m", "materials.intake.forkserver"]
_ROOT: Final = Path(__file__).resolve().parents[2]


class Unavailable(Exception):
    """The picture could not be looked at, and that is not the picture's fault."""


def take_in(data: bytes, policy: Policy, turn: int = 1) -> Prepared:
    """``take.take_in`` in a process of its own. Raises ``Refused``, and ``Unavailable`` when there is no such process.

    A picture that a decoder crashes on, or that needs more than ``wire.CPU_SECONDS`` or
    ``wire.MEMORY``, is ``Refused`` "corrupt".
    """
    prepared, _ending = take_in_measured(data, policy, turn)
    return prepared


def take_in_measured(data: bytes, policy: Policy, turn: int = 1) -> tuple[Prepared, wire.Ending]:
    """As ``take_in``, and what it cost."""
    answer, ending = _ask(data, policy, turn, rewrite=True)
    if not answer and os.WIFEXITED(ending.status):
        # The library that rewrites JPEGs does that on some that decoders let pass.
        answer, ending = _ask(data, policy, turn, rewrite=False)
    if os.WIFSIGNALED(ending.status):
        number = os.WTERMSIG(ending.status)
        if number in (signal.SIGALRM, signal.SIGKILL):  # it had to wait too long; the system was out of memory
            raise Unavailable(f"decoding was ended by signal {number}")
        logger.warning("a picture of %d bytes ended its decoder with signal %d", len(data), number)
        raise Refused("corrupt", reason=f"decoding ended with signal {number}")
    try:
        return wire.read_answer(answer, policy), ending
    except Refused as refused:
        if "unforeseen" in refused.details:
            logger.error("a picture of %d bytes met an unforeseen error\n%s", len(data), refused.details["unforeseen"])
        raise
    except wire.Unreadable as error:
        raise Refused("corrupt", reason=f"decoding gave no answer: {error}") from error


class _Forkserver:
    """The process beside this one. Started at the first picture, ended with this process, however that ends."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.owner = os.getpid()
        self._control = ours
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, *_PROGRAM],
                cwd=_ROOT,
                # No secret of the portal's among them.
                env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "LANG": "C.UTF-8", **_MALLOC},
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )

    def hand_over(self, job: socket.socket) -> None:
        """Have a child answer on ``job``. Raises OSError when the process is gone."""
        socket.send_fds(self._control, [b"picture"], [job.fileno()])

    def end(self) -> None:
        self._control.close()
        if self.owner == os.getpid():
            self._process.wait()


_forkserver: _Forkserver | None = None
_lock: Final = Lock()


def start() -> None:
    """Start the process beside this one now; otherwise the first picture waits for it."""
    global _forkserver
    with _lock:
        if _forkserver is None or _forkserver.owner != os.getpid():
            _forkserver = _Forkserver()


def end() -> None:
    """End the process beside this one, if there is one. It comes back with the next picture."""
    global _forkserver
    with _lock:
        if _forkserver is not None:
            _forkserver.end()
            _forkserver = None


atexit.register(end)


def _hand_over(job: socket.socket) -> None:
    global _forkserver
    with _lock:
        if _forkserver is not None and _forkserver.owner != os.getpid():
            _forkserver.end()  # inherited by a fork; it belongs to the process that started it
            _forkserver = None
        if _forkserver is not None:
            try:
                _forkserver.hand_over(job)
                return
            except OSError:
                _forkserver.end()
        _forkserver = _Forkserver()
        _forkserver.hand_over(job)


def _ask(data: bytes, policy: Policy, turn: int, *, rewrite: bool) -> tuple[bytes, wire.Ending]:
    """What a process of its own answered, as far as it came, and how it ended."""
    until = time.monotonic() + _PATIENCE
    answer = bytearray()
    ours, theirs = socket.socketpair()
    with ours:
        try:
            with theirs:
                _hand_over(theirs)
            ours.settimeout(_PATIENCE)
            try:
                ours.sendall(wire.request(data, policy, turn, rewrite=rewrite))
                ours.sendall(data)
            except (BrokenPipeError, ConnectionResetError):
                pass  # it ended before it had read everything; how, comes now
            while len(answer) <= policy.max_bytes + _MOST_THUMBNAIL:
                ours.settimeout(max(0.01, until - time.monotonic()))
                part = ours.recv(256 * 1024)
                if not part:
                    break
                answer += part
        except OSError as error:
            raise Unavailable(repr(error)) from error
    try:
        return wire.Ending.at_end_of(bytes(answer))
    except ValueError as error:
        raise Unavailable("the process that decodes pictures ended without a word") from error
