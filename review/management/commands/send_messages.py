from candidates.commands import RepeatedCommand
from candidates.services.messages import send_waiting
from review.services.circulars import write_circulars


class Command(RepeatedCommand):
    help = "Send the messages that wait in the outbox. Safe to run many at once."

    def act(self, *, once: bool) -> None:
        write_circulars()
        sent, failed = send_waiting()
        if sent or failed or once:
            self.stdout.write(f"{sent} sent, {failed} failed")
