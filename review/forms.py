"""What reviewers send. Whether it may be done is judged by the services; here it is only read."""

from dataclasses import asdict
from typing import Any, Self

from django import forms
from django.utils.translation import gettext_lazy as _

from candidates.enums import Track
from candidates.models import User
from candidates.selectors import sites_for
from materials.enums import Stage, Turn

from .rules import Answer, stages_of
from .selectors import Narrowing, codes_in_review


class JudgementForm(forms.Form):
    """Every form of the review screen carries the version of the application it was made from (rule 10)."""

    version = forms.IntegerField(min_value=0)
    reason = forms.CharField(required=False)
    note = forms.CharField(required=False)

    def clean_note(self) -> str:
        """Browsers send line ends as two characters; they count as one, as the field counts them."""
        return str(self.cleaned_data["note"]).replace("\r\n", "\n")


class VerdictForm(JudgementForm):
    verdict = forms.CharField(required=False)


class FinishForm(JudgementForm):
    outcome = forms.CharField(required=False)


class UnlockForm(JudgementForm):
    pass


class TurnForm(forms.Form):
    turn = forms.ChoiceField(choices=Turn.choices)


class SecondLookForm(forms.Form):
    """All answers of a second look: ``opinion-CODE``, ``reason-CODE`` and ``note-CODE`` for each item."""

    version = forms.IntegerField(min_value=0)

    @property
    def answers(self) -> dict[str, Answer]:
        """What was sent, by category code, whether or not anything came of it."""
        sent: dict[str, dict[str, str]] = {}
        for name, value in self.data.items():
            field, _dash, code = name.partition("-")
            if field in ("opinion", "reason", "note") and code:
                sent.setdefault(code, {})[field] = value.replace("\r\n", "\n")
        return {code: Answer(**fields) for code, fields in sent.items()}


class QueueForm(forms.Form):
    """What a reviewer wants to see of the queue; an empty field means all. Offers what is in their scope."""

    site = forms.ChoiceField(label=_("Site"), required=False)
    track = forms.ChoiceField(label=_("Track"), required=False, choices=[("", _("all")), *Track.choices])
    stage = forms.ChoiceField(label=_("Stage"), required=False)
    item = forms.ChoiceField(label=_("Category still to judge"), required=False)

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("site", [(site.code, str(site)) for site in sites_for(user)])
        self._offer("stage", [(stage, Stage(stage).label) for stage in stages_of(user)])
        self._offer("item", codes_in_review(user))

    @classmethod
    def of(cls, user: User, wanted: Narrowing) -> Self:
        """The form as it was filled in last."""
        return cls(user, initial=asdict(wanted))

    def _offer(self, name: str, choices: list[tuple[str, Any]]) -> None:
        """A choice of one is none: the field goes."""
        if len(choices) < 2:
            del self.fields[name]
        else:
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared above
            field.choices = [("", _("all")), *choices]
