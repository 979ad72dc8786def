"""What reviewers send. Whether it may be done is judged by the services; here it is only read."""

from django import forms


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
