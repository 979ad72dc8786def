from typing import Any

from candidates.commands import PortalCommand
from candidates.selectors import newest_seal
from candidates.services.seals import seal_events


class Command(PortalCommand):
    help = "Add the events that are not sealed yet to the chain that shows whether any was touched (run_periodic does)."

    def act(self, **options: Any) -> None:
        self.stdout.write(f"{seal_events()} events sealed")
        if newest := newest_seal():
            self.stdout.write(f"head: {bytes(newest.hash).hex()} (event {newest.pk})")
