"""The forms of records that administrators edit by hand."""

from typing import Any

from django import forms
from django.contrib.auth.forms import SetPasswordMixin
from django.utils.translation import gettext_lazy as _

from .models import Candidate, User
from .rules import is_time_zone, time_zones, why_place_is_wrong
from .selectors import with_id_number
from .versioned_admin import VersionedForm


class RegionForm(VersionedForm):
    """A region, its time zone chosen from those there are."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "time_zone" in self.fields:
            names = {"", self.instance.time_zone, *time_zones()}
            self.fields["time_zone"].widget = forms.Select(choices=[(name, name) for name in sorted(names)])

    def clean_time_zone(self) -> str:
        name = self.cleaned_data["time_zone"]
        if not is_time_zone(name):
            raise forms.ValidationError(_("There is no such time zone. Write one like Asia/Shanghai."))
        return name


class AccountForm(VersionedForm):
    """An account of staff: its role and place."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "role" in self.fields:
            self.fields["role"].help_text = _(
                "A site reviewer has a site. Region reviewers, regional staff and regional leads have a region and no "
                "site, administrators neither."
            )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("site") and "region" in cleaned and cleaned["region"] is None:
            cleaned["region"] = cleaned["site"].region
        if "site" in self.fields and "site" in cleaned and "region" in cleaned:
            region, site = cleaned["region"], cleaned["site"]
            problem = why_place_is_wrong(region and region.pk, site and site.region_id)
            if problem:
                self.add_error("site", problem)
        return cleaned


class AccountAddForm(SetPasswordMixin, AccountForm):
    """A new account with its first password, typed twice."""

    password1, password2 = SetPasswordMixin.create_password_fields()

    def clean(self) -> dict[str, Any] | None:
        self.validate_passwords()
        return super().clean()

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        self.validate_password_for_user(self.instance)

    def save(self, commit: bool = True) -> Any:
        self.instance.set_password(self.cleaned_data["password1"])
        return super().save(commit)


class PasswordForm(SetPasswordMixin, forms.Form):
    """A new password for an account, typed twice."""

    password1, password2 = SetPasswordMixin.create_password_fields()

    def __init__(self, account: User, *args: Any, **kwargs: Any) -> None:
        self.account = account
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any] | None:
        self.validate_passwords()
        self.validate_password_for_user(self.account)
        return super().clean()


class IdNumberForm(forms.Form):
    """A whole ID number; ``found`` is who in the user's scope has it."""

    id_number = forms.CharField(
        label=_("ID number"),
        max_length=100,
        help_text=_("The whole number, as on the identity document."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.found: list[Candidate] = []

    def clean_id_number(self) -> str:
        number = str(self.cleaned_data["id_number"])
        self.found = list(with_id_number(self.user, number))
        if not self.found:
            raise forms.ValidationError(_("No candidate that you may see has this ID number. Check every character."))
        return number
