from candidates.commands import RepeatedCommand
from materials.services.roster_loads import load_next


class Command(RepeatedCommand):
    help = "Check and load the rosters that were too long for their page. Safe to run many at once."

    def act(self, *, once: bool) -> None:
        while load := load_next():
            self.stdout.write(f"{load.session}: {load.new} new, {load.changed} changed, {load.refused} refused")
