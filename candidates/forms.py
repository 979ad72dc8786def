"""What candidates type about themselves, and anybody to prove who they are."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from .models import Candidate, User
from .rules import clean_id_number, is_chinese_id_number, is_code, is_recovery_code, plain, why_not_password

# What a keyboard must leave alone once a password is shown.
AS_TYPED = {"autocapitalize": "none", "autocorrect": "off", "spellcheck": "false"}


class SentenceForm(forms.Form):
    """A form whose empty fields are named: each complaint is also read by itself, above the form."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if field.error_messages["required"] == forms.Field.default_error_messages["required"]:
                field.error_messages["required"] = format_lazy(_("Fill in: {field}."), field=field.label)


def password_field(label: Any, autocomplete: str, **options: Any) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete, **AS_TYPED})
    return forms.CharField(label=label, max_length=1000, strip=False, widget=widget, **options)


def number_field() -> forms.CharField:
    attrs = {"autocomplete": "username", "autocapitalize": "characters", "spellcheck": "false"}
    return forms.CharField(label=_("Registration number"), max_length=150, widget=forms.TextInput(attrs=attrs))


class SignInForm(SentenceForm):
    """The candidates' door."""

    username = number_field()
    password = password_field(
        _("Password"),
        "current-password",
        help_text=_("The first time: your ID number, as on your identity document."),
    )


class NumberForm(SentenceForm):
    """Whose phone a code is to go to."""

    username = number_field()

    def clean_username(self) -> str:
        username = str(self.cleaned_data["username"])
        if is_chinese_id_number(clean_id_number(username)):
            raise ValidationError(
                _("This is an ID number. Type the registration number; it is on your registration notice.")
            )
        return username


class CodeForm(SentenceForm):
    """A code as it came by SMS."""

    code = forms.CharField(
        label=_("Code from the SMS"),
        max_length=20,
        help_text=_("6 digits"),
        # Without a pattern: a browser would refuse the full-width digits and spaces that are forgiven here.
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def clean_code(self) -> str:
        code = plain(self.cleaned_data["code"])
        if not is_code(code):
            raise ValidationError(_("A code has 6 digits. Type it as it is in the newest SMS."))
        return code


class SecondFactorForm(SentenceForm):
    """What a staff member's app shows, or one of their recovery codes."""

    code = forms.CharField(
        label=_("Code of the app, or recovery code"),
        max_length=40,
        help_text=_("The 6 digits that the app shows now, or one of your recovery codes (10 digits)."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "size": "12"}),
    )
    is_for_app_only = False

    def ask_for_app_only(self) -> None:
        self.is_for_app_only = True
        self.fields["code"].label = _("Code of the app")
        self.fields["code"].help_text = _("The 6 digits that the app shows now.")

    def clean_code(self) -> str:
        code = plain(self.cleaned_data["code"]).replace("-", "")
        if is_code(code) or (is_recovery_code(code) and not self.is_for_app_only):
            return code
        if self.is_for_app_only:
            raise ValidationError(_("The app shows 6 digits. Type them here."))
        raise ValidationError(_("A code of the app has 6 digits, a recovery code has 10. Type one of the two."))


class NewPasswordForm(SentenceForm):
    """A new password, typed twice. ``account`` is whose it will be, as far as that may be known."""

    account: User

    password1 = password_field(
        _("New password"),
        "new-password",
        help_text=_("At least 8 characters, not only digits, not a common word, not your ID number."),
    )
    password2 = password_field(
        _("New password again"),
        "new-password",
        error_messages={"required": _("Type the new password again.")},
    )

    def clean_password1(self) -> str:
        password = str(self.cleaned_data["password1"])
        validate_password(password, self.account)
        return password

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, second = cleaned.get("password1"), cleaned.get("password2")
        if first and second and first != second:
            self.add_error("password2", _("The two passwords differ. Type the same one twice."))
        return cleaned


class ResetForm(CodeForm, NewPasswordForm):
    """Code and new password. ``typed_number`` is what a code was asked for with, whoever's it is."""

    field_order = ("code", "password1", "password2")

    def __init__(self, typed_number: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = User(username=plain(typed_number))


class OwnNewPasswordForm(NewPasswordForm):
    """A new password of a candidate who is known."""

    def __init__(self, candidate: Candidate, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.candidate, self.account = candidate, candidate.user

    def clean_password1(self) -> str:
        if sentence := why_not_password(self.cleaned_data["password1"], self.candidate.id_number):
            raise ValidationError(sentence)
        return super().clean_password1()


class ChangePasswordForm(OwnNewPasswordForm):
    """The old password and a new one. Whether the old one is right, the view asks."""

    field_order = ("old_password", "password1", "password2")
    old_password = password_field(_("Present password"), "current-password")


class ActivationForm(CodeForm, OwnNewPasswordForm):
    """Code, new password, consent."""

    field_order = ("code", "password1", "password2", "consent")
    consent = forms.BooleanField(
        label=_("I have read the privacy notice and agree that my identity documents are processed as it says."),
        error_messages={"required": _("Read the privacy notice and tick the box: without consent we may not go on.")},
    )
    # The version that was on the page; without it the newest is meant.
    notice = forms.CharField(required=False, widget=forms.HiddenInput)
