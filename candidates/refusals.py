"""A refusal: what services raise, and what views, forms and commands show."""

from django.utils.functional import Promise


class Refusal(Exception):
    """Something may not be done. ``sentence`` says why and what to do, in the visitor's language.

    ``code`` is for machines (docs/contract.md, "Marks in the HTML"); ``status`` is the HTTP answer.
    """

    status = 409

    def __init__(self, code: str, sentence: str | Promise, *, status: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence
        if status is not None:
            self.status = status

    def __str__(self) -> str:
        return str(self.sentence)


class Stale(Refusal):
    """Somebody else changed it meanwhile; ``sentence`` says what happened, by whom, when (rule 10)."""

    def __init__(self, sentence: str | Promise) -> None:
        super().__init__("stale", sentence)
