from candidates.commands import RepeatedCommand
from materials.services.removed import delete_removed


class Command(RepeatedCommand):
    help = "Delete for good what candidates deleted and can no longer put back. Safe to run many at once."

    def act(self, *, once: bool) -> None:
        deleted = delete_removed()
        if deleted or once:
            self.stdout.write(f"{deleted} deleted for good")
