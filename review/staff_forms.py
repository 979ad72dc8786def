"""What regional staff send. Whether it may be done is judged by the services; here it is only read."""

from typing import Any, Self

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from candidates.enums import IdentityCheck
from materials.enums import Stage

from .enums import Progress
from .progress import waiting_choices


class VersionedActForm(forms.Form):
    """A form about something that others may change meanwhile (docs/product.md, rule 10)."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    @property
    def damage(self) -> Any:
        """The sentence for a form whose hidden field is gone; nobody could see an error beside that."""
        if "version" in self.errors:
            return _("This form is damaged: its version is missing. Load the page again.")
        return None

    @classmethod
    def again(cls, data: QueryDict, version: int) -> Self:
        """The same form with what was typed, made from how it is now, so that a second look can be sent."""
        typed = data.copy()
        typed["version"] = str(version)
        return cls(typed)


class RosterForm(forms.Form):
    file = forms.FileField(
        label=_("CSV file"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
        help_text=_("UTF-8 or GB18030, up to 50 MB, with the columns listed below."),
        error_messages={
            "required": _("Choose the file first."),
            "empty": _("The file is empty."),
        },
    )
    act = forms.ChoiceField(choices=[("check", ""), ("faults", ""), ("load", "")])


class PublishForm(VersionedActForm):
    act = forms.ChoiceField(
        required=False, choices=[(act, "") for act in ("publish", "propose", "confirm", "take_back")]
    )


class WithdrawForm(VersionedActForm):
    reason = forms.CharField(label=_("Reason"), required=False, widget=forms.Textarea(attrs={"rows": 3}))


LONG = {"rows": 24, "class": "vLargeTextField"}


class NoticeForm(VersionedActForm):
    text_zh = forms.CharField(label=_("text (Chinese)"), required=False, widget=forms.Textarea(attrs=LONG))
    text_en = forms.CharField(label=_("text (English)"), required=False, widget=forms.Textarea(attrs=LONG))
    ask_again = forms.BooleanField(
        label=_("Ask everybody again"),
        required=False,
        help_text=_(
            "Whoever agreed to an earlier version reads this one and agrees before they go on. For a matter that "
            "concerns them; not for a corrected word."
        ),
    )


class SettlementForm(VersionedActForm):
    look = forms.UUIDField()
    note = forms.CharField(required=False)

    def clean_note(self) -> str:
        """Browsers send line ends as two characters; they count as one, as the field counts them."""
        return str(self.cleaned_data["note"]).replace("\r\n", "\n")


class CircularForm(forms.Form):
    """Who is told what; ``key`` and ``number`` come from the preview. The words are judged by review/rules.py."""

    states = forms.MultipleChoiceField(
        label=_("Who"),
        choices=Progress.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose who gets the message.")},
    )
    sites = forms.MultipleChoiceField(
        label=_("Sites"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("None ticked: every site.")
    )
    title_zh = forms.CharField(label=_("Title (Chinese)"), required=False)
    text_zh = forms.CharField(label=_("Text (Chinese)"), required=False, widget=forms.Textarea(attrs={"rows": 4}))
    title_en = forms.CharField(label=_("Title (English)"), required=False)
    text_en = forms.CharField(label=_("Text (English)"), required=False, widget=forms.Textarea(attrs={"rows": 4}))
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    number = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, sites: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["sites"]
        field.choices = sites

    def clean(self) -> dict[str, Any]:
        """Browsers send line ends as two characters; they count as one."""
        return {
            name: value.replace("\r\n", "\n") if isinstance(value, str) else value
            for name, value in self.cleaned_data.items()
        }

    @property
    def shown(self) -> list[Any]:
        """What is asked. What comes from the preview goes along only with what was previewed."""
        return [self[name] for name in self.fields if name not in ("key", "number")]


class ExtensionForm(VersionedActForm):
    until = forms.DateTimeField(
        label=_("New deadline"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={
            "required": _("Choose the new deadline."),
            "invalid": _("Write date and time, e.g. 2026-03-31 18:00."),
        },
    )
    reason = forms.CharField(label=_("Reason"), required=False, widget=forms.Textarea(attrs={"rows": 3}))


class PhoneForm(VersionedActForm):
    phone = forms.CharField(
        label=_("New phone number"),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
        help_text=_("With + and the country's number in front for abroad."),
    )
    checked = forms.ChoiceField(
        label=_("How you made sure that this is the candidate"),
        required=False,
        choices=IdentityCheck.choices,
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label=_("Reason"), required=False, widget=forms.Textarea(attrs={"rows": 3}))


class ErasureForm(VersionedActForm):
    typed = forms.CharField(
        label=_("Registration number"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Type it to confirm: this cannot be taken back."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For example who asked and by which letter. Without names and numbers: it is recorded for good."),
    )


class ExportForm(forms.Form):
    """Which rows, and how. The choices come from outside; a value that is not one of them is refused with a sentence.

    ``sessions``: for the page that is not about one session.
    """

    session = forms.ChoiceField(label=_("Session"))
    site = forms.ChoiceField(label=_("Site"), required=False)
    status = forms.ChoiceField(label=_("Status"), required=False)
    stage = forms.ChoiceField(label=_("Stage"), required=False)
    progress = forms.ChoiceField(
        label=_("Progress"), required=False, help_text=_("As the progress page and the list of applications count.")
    )
    waiting = forms.ChoiceField(label=_("Waiting since it was submitted"), required=False)
    search = forms.CharField(
        label=_("Number or name"),
        required=False,
        max_length=100,
        help_text=_("The beginning of a registration number or of a name. Empty: everybody."),
    )
    headers = forms.ChoiceField(
        label=_("Headers"),
        required=False,
        choices=[("zh", _("Chinese, for people")), ("code", _("Codes, for programs"))],
    )

    def __init__(
        self,
        *args: Any,
        sites: list[tuple[str, str]],
        statuses: list[tuple[str, Any]],
        sessions: list[tuple[str, str]] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        everything = ("", _("All"))
        choices_of: dict[str, Any] = {"site": sites, "status": statuses, "stage": Stage.choices}
        choices_of |= {"progress": Progress.choices, "waiting": waiting_choices()}
        for name, choices in choices_of.items():
            field: Any = self.fields[name]
            field.choices = [everything, *choices]
        if sessions is None:
            del self.fields["session"]
        else:
            one: Any = self.fields["session"]
            one.choices = sessions
        for name, field in self.fields.items():
            message = _("%(name)s cannot be “%(value)s”.")
            field.error_messages["invalid_choice"] = str(message).replace("%(name)s", name)
