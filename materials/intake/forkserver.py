"""A program of its own, one beside each web worker: it forks a process for every picture, which ends with it.

The forking process has loaded all decoders and looked at nothing. Its children are ready in a millisecond,
hold nothing of the picture before, no secret and no connection of the portal's, can open no file, and may use
so much memory and time and no more. A decoder that crashes, hangs or is broken into takes down its own picture.

Standard input is a socket of packets. Each carries one descriptor: a socket with a request (wire.py), on which
the child answers; behind the answer the forking process writes how the child ended (``wire.Ending``).
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import io
import os
import resource
import select
import signal
import socket
import sys
from typing import Final, NoReturn

from PIL import Image, ImageCms
from pillow_heif import from_pillow

from . import wire
from .outcome import Policy, Prepared, Refused
from .take import take_in

#: How long whoever asked may take to read an answer; all other pictures of the same web worker wait for it.
_SECONDS_TO_READ: Final = 5
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38  # from <sys/prctl.h>


def main() -> None:
    control = socket.socket(fileno=os.dup(0))
    _ready()
    # One wake-up for both: a picture to look at, a child that has ended.
    wakes, woken = socket.socketpair()
    wakes.setblocking(False)
    woken.setblocking(False)
    signal.set_wakeup_fd(woken.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the web worker; with it, the socket closes
    jobs: dict[int, socket.socket] = {}
    while True:
        readable, _, _ = select.select([control, wakes], [], [])
        if wakes in readable:
            wakes.recv(4096)
            _reap(jobs)
        if control in readable:
            message, descriptors, _, _ = socket.recv_fds(control, 16, 1)
            if not message:
                return
            job = socket.socket(fileno=descriptors[0])
            child = os.fork()
            if not child:
                _look_at(job)
            jobs[child] = job


def _ready() -> None:
    """Load all that is loaded at first use, by putting one file of each kind through: the children can open none."""
    page = Image.new("RGB", (64, 64), "white")
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    policy = Policy(frozenset({"jpeg", "png", "heic"}), 200_000, fit_oversized=True)
    for image, kind in ((page, "JPEG"), (page, "PNG"), (page.convert("CMYK"), "JPEG")):
        image.save(stream := io.BytesIO(), kind, icc_profile=srgb)
        take_in(stream.getvalue(), policy)
    from_pillow(page).save(stream := io.BytesIO())
    take_in(stream.getvalue(), policy)
    with contextlib.suppress(Refused):
        take_in("\N{POUND SIGN}".encode("gb18030"), policy)
    gc.collect()
    gc.freeze()  # or the first collection in each child copies every page of ours


def _reap(jobs: dict[int, socket.socket]) -> None:
    while jobs:
        child, status, usage = os.wait4(-1, os.WNOHANG)
        if not child:
            return
        with jobs.pop(child) as job, contextlib.suppress(OSError):  # whoever asked may have gone
            job.settimeout(_SECONDS_TO_READ)
            job.sendall(wire.Ending(status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss).packed())


def _look_at(job: socket.socket) -> NoReturn:
    try:
        _confine(job.fileno())
        data, policy, turn, rewrite = wire.read_request(job)
        outcome: Prepared | Refused
        try:
            outcome = take_in(data, policy, turn, rewrite=rewrite)
        except Refused as refused:
            outcome = refused
        for part in wire.answer(outcome):
            job.sendall(part)
    finally:
        os._exit(0)  # nothing that is the forking process's is to be tidied up here


def _confine(job: int) -> None:
    """Leave this process its own descriptor ``job``, its limits, and nothing of other pictures."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.closerange(0, job)
    os.closerange(job + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    if libc:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    signal.setitimer(signal.ITIMER_REAL, wire.CLOCK_SECONDS)
    # At the first of the two the process is told to end, by a signal of its own; at the second it is ended.
    resource.setrlimit(resource.RLIMIT_CPU, (wire.CPU_SECONDS, wire.CPU_SECONDS + 1))
    for what, most in (
        (resource.RLIMIT_DATA, wire.MEMORY),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 0),  # those open stay open; no other can be opened
    ):
        resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    main()
