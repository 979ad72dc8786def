"""Ctrl-C and SIGTERM: how they end a command, and what they wait for. Knows no Django, which manage.py loads later."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn


class Terminated(KeyboardInterrupt):
    """SIGTERM, so that whatever heeds Ctrl-C heeds it too."""


def heed_sigterm() -> None:
    signal.signal(signal.SIGTERM, _terminate)


def _terminate(_number: int, _frame: FrameType | None) -> NoReturn:
    raise Terminated


def interrupt_behind(error: BaseException | None) -> KeyboardInterrupt | None:
    """Whether a signal is why this was raised: a transaction that one meets at its commit ends in another error."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return error


@contextmanager
def put_off() -> Iterator[None]:
    """Within, both signals wait. For what takes seconds at most, and must not be done half."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
