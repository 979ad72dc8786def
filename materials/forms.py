"""What candidates type on the materials pages."""

from django import forms

from .enums import Turn


class NotApplicableForm(forms.Form):
    value = forms.ChoiceField(choices=[("on", "on"), ("off", "off")])


class TurnForm(forms.Form):
    turn = forms.ChoiceField(choices=Turn.choices)


class MoveForm(forms.Form):
    """Which of its item's pictures it becomes, from 1."""

    to = forms.IntegerField(min_value=1, max_value=50)


class ReplyForm(forms.Form):
    """Length is a rule of the service, so that its sentence keeps what was typed."""

    reply = forms.CharField(required=False)

    def clean_reply(self) -> str:
        """Browsers send line ends as two characters; they count as one, as the field counts them."""
        return str(self.cleaned_data["reply"]).replace("\r\n", "\n")
