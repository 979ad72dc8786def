"""What goes between a web worker and the process that looks at one picture: JSON for facts, bytes for pictures.

Never pickle: whoever breaks a decoder must not be able to break the web worker with its answer.
"""

from __future__ import annotations

import json
import socket
import struct
from dataclasses import asdict
from itertools import accumulate, pairwise
from typing import Any, Final, NamedTuple

from .outcome import Policy, Prepared, Refused

#: What one picture may cost: seconds of CPU; seconds on the clock, for a process that waits instead of working;
#: bytes of memory that is its own (heap, stacks, private maps).
CPU_SECONDS: Final = 5
CLOCK_SECONDS: Final = 30
MEMORY: Final = 512 * 1024 * 1024

_BYTES: Final = ("data", "thumbnail", "likeness")
_LENGTHS: Final = struct.Struct(">IIII")  # of the JSON, and of what follows it
_ENDING: Final = struct.Struct(">4sidQ")
_MARK: Final = b"end:"


class Unreadable(Exception):
    """An answer that no process of ours gives."""


class Ending(NamedTuple):
    """How a child ended: as ``os.waitpid`` tells it, its CPU seconds, its peak memory in KiB."""

    status: int
    cpu: float
    peak: int

    def packed(self) -> bytes:
        return _ENDING.pack(_MARK, *self)

    @classmethod
    def at_end_of(cls, answer: bytes) -> tuple[bytes, Ending]:
        """What a child answered and how it ended. Raises ValueError where that is not at the end."""
        split = len(answer) - _ENDING.size
        mark, *ending = _ENDING.unpack(answer[max(0, split) :]) if split >= 0 else (b"",)
        if mark != _MARK:
            raise ValueError("no ending")
        return answer[:split], cls(*ending)


class Request(NamedTuple):
    """The arguments of ``take.take_in``."""

    data: bytes
    policy: Policy
    turn: int
    rewrite: bool


def request(data: bytes, policy: Policy, turn: int, *, rewrite: bool) -> bytes:
    """What a web worker asks: the head, to be followed by ``data`` itself."""
    facts = asdict(policy) | {"formats": sorted(policy.formats), "turn": turn, "rewrite": rewrite}
    return _head(facts, len(data))


def read_request(stream: socket.socket) -> Request:
    """The other end of ``request``. Raises ``Unreadable`` when the asker has gone away."""
    facts_length, length, *_none = _LENGTHS.unpack(_exactly(stream, _LENGTHS.size))
    facts = json.loads(_exactly(stream, facts_length))
    turn, rewrite = facts.pop("turn"), facts.pop("rewrite")
    policy = Policy(**facts | {"formats": frozenset(facts["formats"])})
    return Request(_exactly(stream, length), policy, turn, rewrite)


def answer(outcome: Prepared | Refused) -> list[bytes]:
    """The answer in parts."""
    if isinstance(outcome, Refused):
        return [_head({"refused": outcome.code, "details": outcome.details})]
    facts = {name: getattr(outcome, name) for name in Prepared.__dataclass_fields__ if name not in _BYTES}
    parts = [getattr(outcome, name) for name in _BYTES]
    return [_head(facts, *map(len, parts)), *parts]


def read_answer(data: bytes, policy: Policy) -> Prepared:
    """The other end of ``answer``. Raises ``Refused`` if that is what it says, ``Unreadable`` if it makes no sense."""
    try:
        ends = list(accumulate(_LENGTHS.unpack_from(data), initial=_LENGTHS.size))
        head, *parts = (data[start:end] for start, end in pairwise(ends))
        facts = json.loads(head)
        if "refused" in facts:
            # What was a tuple comes as a list.
            details = {
                key: tuple(value) if isinstance(value, list) else value for key, value in facts["details"].items()
            }
            raise Refused(facts["refused"], **details)
        facts |= {"warnings": tuple(facts["warnings"])} | dict(zip(_BYTES, parts, strict=True))
        prepared = Prepared(**facts)
    except (struct.error, ValueError, TypeError, KeyError, AttributeError) as error:
        raise Unreadable(repr(error)) from error
    if ends[-1] != len(data) or not prepared.data or len(prepared.data) > policy.max_bytes:
        raise Unreadable("lengths")
    return prepared


def _head(facts: dict[str, Any], *lengths: int) -> bytes:
    encoded = json.dumps(facts).encode()
    return _LENGTHS.pack(len(encoded), *lengths, *[0] * (len(_BYTES) - len(lengths))) + encoded


def _exactly(stream: socket.socket, length: int) -> bytes:
    data = bytearray(length)
    view = memoryview(data)
    while view:
        got = stream.recv_into(view)
        if not got:
            raise Unreadable("the other end has gone")
        view = view[got:]
    return bytes(data)
