from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import CommandError, CommandParser

from candidates.commands import PortalCommand
from candidates.services.seals import Broken, verify_chain


def sha256_hash(text: str) -> bytes:
    """As it was printed: 64 hexadecimal digits; spaces, from paper, do not matter."""
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != 32:
        raise ArgumentTypeError(f"{text!r} is not a hash: it has 64 digits, 0 to 9 and a to f")
    return found


class Command(PortalCommand):
    help = (
        "Walk the chain of seals over all events: exit code 1, and the first broken link named, when an event was "
        "changed, removed or inserted. Prints the head, to be kept outside the portal and asked for by --head later."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--head", type=sha256_hash, metavar="HASH", help="a head that must be in the chain")

    def act(self, *, head: bytes | None, **options: Any) -> None:
        try:
            chain = verify_chain(head)
        except Broken as broken:
            raise CommandError(f"The chain is broken: {broken}.") from broken
        self.stdout.write(f"{chain.sealed} events, each as it was sealed; {chain.waiting} not sealed yet")
        if chain.newest:
            self.stdout.write(f"head: {bytes(chain.newest.hash).hex()} (event {chain.newest.pk})")
        if head is not None and not chain.has_kept:
            raise CommandError("The chain is whole, but not the one this head is from: events were written anew.")
