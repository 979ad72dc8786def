"""What candidates type on the materials pages, and what anyone types to check a receipt."""

from django import forms
from django.utils.translation import gettext_lazy as _

from candidates.forms import SentenceForm

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


class ReceiptCheckForm(SentenceForm):
    number = forms.CharField(
        label=_("Receipt number"),
        max_length=100,
        help_text=_("As on the receipt, e.g. TJ26000003-1."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
        ),
    )
    code = forms.CharField(
        label=_("Check code"),
        max_length=100,
        help_text=_("16 letters and digits below the QR code; capitals, spaces and hyphens do not matter."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
        ),
    )
