"""Sessions and the privacy notices that hold in them."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..enums import DraftsAtClose, Stages
from .accounts import User
from .naming import CODE, EARLIEST, LATEST, in_language
from .places import Region


class ExamSession(models.Model):
    """考试批次: one region's round: its windows, policy and publication.

    ``opens_at`` to ``closes_at`` is the upload window, ``corrections_until`` the deadline for
    returned applications. All instants; shown in the region's time zone.
    """

    region = models.ForeignKey(Region, models.PROTECT, related_name="sessions", verbose_name=_("region"))
    code = models.CharField(_("code"), max_length=40, unique=True, validators=[CODE])
    title_zh = models.CharField(_("title (Chinese)"), max_length=200)
    title_en = models.CharField(_("title (English)"), max_length=200, blank=True)
    opens_at = models.DateTimeField(_("upload opens"))
    closes_at = models.DateTimeField(_("upload closes"))
    corrections_until = models.DateTimeField(_("corrections until"))
    stages = models.CharField(_("stages"), max_length=20, choices=Stages.choices, default=Stages.SITE_THEN_REGION)
    drafts_at_close = models.CharField(
        _("complete drafts at the close"),
        max_length=10,
        choices=DraftsAtClose.choices,
        default=DraftsAtClose.STAY,
        help_text=_(
            "Drafts in which nothing required is missing but which were not submitted. Candidates read on their page "
            "which of the two holds."
        ),
    )
    correction_days = models.PositiveSmallIntegerField(
        _("days for a correction, at least"),
        default=0,
        help_text=_(
            "A candidate who is asked for a correction has at least so many whole days for it, even if the common "
            "deadline comes earlier. 0: the common deadline holds for all."
        ),
    )
    fit_oversized = models.BooleanField(
        _("fit pictures that are too big"),
        default=True,
        help_text=_("Off: a bigger file is refused with the size found and the size allowed."),
    )
    max_bytes = models.PositiveIntegerField(_("largest stored picture, in bytes"), default=204_800)
    second_look_percent = models.PositiveSmallIntegerField(
        _("second looks, in percent"),
        default=0,
        help_text=_(
            "Of every hundred applications that pass, about so many are judged once more by another reviewer, who "
            "does not see what the first one found. Drawn by chance at each pass; 0: none, 100: all."
        ),
    )
    two_persons = models.BooleanField(
        _("two persons publish"),
        default=False,
        help_text=_("One proposes, another confirms, and one of the two is a regional lead or an administrator."),
    )
    contact = models.CharField(
        _("contact"), max_length=200, blank=True, help_text=_("For candidates of sites that have none of their own.")
    )
    retention_days = models.PositiveSmallIntegerField(
        _("retention, in days"),
        default=730,
        help_text=_(
            "So many days after the results are published, pictures and personal data may be removed (purge_session). "
            "What the privacy notice promises."
        ),
    )
    # The oldest version of the privacy notice that may have been agreed to (rules.must_consent_again).
    consent_since = models.PositiveSmallIntegerField(default=0, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, editable=False)
    purged_at = models.DateTimeField(_("personal data removed"), null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering: ClassVar = ["-opens_at", "code"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(opens_at__lt=F("closes_at")),
                name="session_opens_before_it_closes",
                violation_error_message=_("The upload window must open before it closes. Change one of the two."),
            ),
            models.CheckConstraint(
                condition=Q(corrections_until__gte=F("closes_at")),
                name="session_corrections_after_close",
                violation_error_message=_(
                    "The deadline for corrections cannot be before the upload window closes. Choose a later one."
                ),
            ),
            models.CheckConstraint(
                condition=Q(
                    opens_at__range=(EARLIEST, LATEST),
                    closes_at__range=(EARLIEST, LATEST),
                    corrections_until__range=(EARLIEST, LATEST),
                ),
                name="session_years_make_sense",
                violation_error_message=_("The years must be from 2000 to 2100. Correct the dates."),
            ),
            models.CheckConstraint(condition=Q(stages__in=Stages.values), name="session_stages_are_known"),
            models.CheckConstraint(
                condition=Q(drafts_at_close__in=DraftsAtClose.values), name="session_drafts_at_close_is_known"
            ),
            models.CheckConstraint(
                condition=Q(correction_days__lte=60),
                name="session_correction_days_in_range",
                violation_error_message=_("Days for a correction must be from 0 to 60."),
            ),
            models.CheckConstraint(
                condition=Q(retention_days__range=(30, 7300)),
                name="session_retention_in_range",
                violation_error_message=_("Retention must be from 30 to 7300 days (20 years)."),
            ),
            models.CheckConstraint(
                condition=Q(max_bytes__gte=20_480, max_bytes__lte=20_971_520),
                name="session_max_bytes_in_range",
                violation_error_message=_("The largest stored picture must be from 20,480 to 20,971,520 bytes."),
            ),
            models.CheckConstraint(
                condition=Q(second_look_percent__lte=100),
                name="session_second_looks_in_range",
                violation_error_message=_("Second looks must be from 0 to 100 percent."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def title(self) -> str:
        return in_language(self.title_zh, self.title_en)


class PrivacyNotice(models.Model):
    """隐私告知: a version of the text that candidates of a session agree to. Versions are added and never altered.

    A session without any has the portal's own text (templates/candidates/notice_*.txt).
    """

    session = models.ForeignKey(ExamSession, models.PROTECT, related_name="notices", verbose_name=_("session"))
    number = models.PositiveSmallIntegerField(_("version"))
    text_zh = models.TextField(_("text (Chinese)"))
    text_en = models.TextField(_("text (English)"))
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["session", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "number"], name="notice_number_once_in_session"),
            models.CheckConstraint(condition=Q(number__gte=1), name="notice_number_from_one"),
        ]

    def __str__(self) -> str:
        return str(self.number)

    @property
    def text(self) -> str:
        return in_language(self.text_zh, self.text_en)
