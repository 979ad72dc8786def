"""What candidates type about themselves."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from .models import Candidate
from .rules import clean_id_number, is_code, plain


class SignInForm(forms.Form):
    """The candidates' door."""

    username = forms.CharField(
        label=_("Registration number"),
        max_length=150,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=1000,
        strip=False,
        help_text=_("The first time: your ID number, as on your identity document."),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class ActivationForm(forms.Form):
    """Code, new password, consent."""

    code = forms.CharField(
        label=_("Code from the SMS"),
        max_length=20,
        help_text=_("6 digits"),
        # Without a pattern: a browser would refuse the full-width digits and spaces that are forgiven here.
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
    password1 = forms.CharField(
        label=_("New password"),
        max_length=1000,
        strip=False,
        help_text=_("At least 8 characters, not only digits, not a common word, not your ID number."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        label=_("New password again"),
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    consent = forms.BooleanField(
        label=_("I have read the privacy notice and agree that my identity documents are processed as it says."),
        error_messages={"required": _("Read the privacy notice and tick the box: without consent we may not go on.")},
    )
    # The version that was on the page; without it the newest is meant.
    notice = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, candidate: Candidate, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.candidate = candidate

    def clean_code(self) -> str:
        code = plain(self.cleaned_data["code"])
        if not is_code(code):
            raise ValidationError(_("A code has 6 digits. Type it as it is in the newest SMS."))
        return code

    def clean_password1(self) -> str:
        password = self.cleaned_data["password1"]
        if clean_id_number(password) == self.candidate.id_number:
            raise ValidationError(_("Choose a password that is not your ID number: others know it too."))
        validate_password(password, self.candidate.user)
        return password

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, second = cleaned.get("password1"), cleaned.get("password2")
        if first and second and first != second:
            self.add_error("password2", _("The two passwords differ. Type the same one twice."))
        return cleaned
