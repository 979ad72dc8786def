"""Who: accounts, regions and their sites, sessions, candidates, messages, and the events."""

from datetime import UTC, datetime
from typing import ClassVar

from django.contrib.auth import get_backends
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from .encryption import EncryptedTextField
from .enums import Action, Channel, CodePurpose, DeliveryStatus, Level, MessageKind, Role, Stages, Track

# Instants that people type lie between these. Near the ends of the calendar a time zone's offset
# leads out of it, and one such instant would break every page that shows it. The years 2000 to
# 2100, and a day more at both ends so that they are whole in every time zone.
EARLIEST = datetime(1999, 12, 31, tzinfo=UTC)
LATEST = datetime(2101, 1, 2, tzinfo=UTC)
CODE_PATTERN = r"[A-Za-z0-9][A-Za-z0-9_-]*"
CODE = RegexValidator(rf"^{CODE_PATTERN}\Z", _("Use letters, digits, - and _ only."))


def in_language(chinese: str, english: str) -> str:
    """The text in the visitor's language; Chinese where there is no English."""
    return english if english and (get_language() or "").startswith("en") else chinese


class Named(models.Model):
    """Something staff name in both languages."""

    name_zh = models.CharField(_("name (Chinese)"), max_length=100)
    name_en = models.CharField(_("name (English)"), max_length=200, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return in_language(self.name_zh, self.name_en)


class Region(Named):
    """考区: an exam region."""

    code = models.CharField(_("code"), max_length=20, unique=True, validators=[CODE])
    time_zone = models.CharField(_("time zone"), max_length=50, default="Asia/Shanghai")
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        ordering: ClassVar = ["code"]


class Site(Named):
    """考点: an exam site of a region; first-stage review happens here."""

    region = models.ForeignKey(Region, models.PROTECT, related_name="sites", verbose_name=_("region"))
    code = models.CharField(_("code"), max_length=20, validators=[CODE])
    contact = models.CharField(_("contact"), max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering: ClassVar = ["region", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["region", "code"],
                name="site_code_once_in_region",
                violation_error_message=_("This region already has a site with this code. Choose another code."),
            )
        ]


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=username)

    def create_superuser(self, username: str, password: str | None = None) -> "User":
        """What ``manage.py createsuperuser`` calls: the first administrator of an installation."""
        user = User(username=username, role=Role.ADMINISTRATOR)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """An account. Its role and place say what it may do (candidates/rules.py)."""

    username = models.CharField(_("user name"), max_length=150, unique=True)
    name = models.CharField(_("name"), max_length=100, blank=True)
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, verbose_name=_("region"))
    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, verbose_name=_("site"))
    is_active = models.BooleanField(_("active"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    USERNAME_FIELD = "username"
    objects = UserManager()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering: ClassVar = ["username"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="user_role_is_known"),
            models.CheckConstraint(
                condition=(
                    Q(role__in=[Role.CANDIDATE, Role.ADMINISTRATOR], region=None, site=None)
                    | Q(role=Role.SITE_REVIEWER, region__isnull=False, site__isnull=False)
                    | Q(
                        role__in=[Role.REGION_REVIEWER, Role.REGION_STAFF, Role.REGION_LEAD],
                        region__isnull=False,
                        site=None,
                    )
                ),
                name="user_place_fits_role",
                violation_error_message=_(
                    "A site reviewer needs a region and a site; region reviewers and regional staff need a region "
                    "and no site; an administrator has neither."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.username

    @property
    def is_staff(self) -> bool:
        """Whether this account may enter the Django admin."""
        return self.is_active and self.role != Role.CANDIDATE

    @property
    def is_superuser(self) -> bool:
        return self.is_active and self.role == Role.ADMINISTRATOR

    def has_perm(self, perm: str, obj: models.Model | None = None) -> bool:
        """What the Django admin asks of an account; the answer is the backend's (candidates/backends.py)."""
        backends = (backend for backend in get_backends() if hasattr(backend, "has_perm"))
        return any(backend.has_perm(self, perm) for backend in backends)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff


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
    contact = models.CharField(_("contact"), max_length=200, blank=True)
    published_at = models.DateTimeField(_("published"), null=True, editable=False)
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


class Candidate(models.Model):
    """考生: one person's registration in one session, loaded from the roster.

    The account's user name is the registration number. ``consent_version`` names the privacy
    notice that was agreed to on activation.
    """

    user = models.OneToOneField(User, models.PROTECT, related_name="candidate", verbose_name=_("account"))
    session = models.ForeignKey(ExamSession, models.PROTECT, related_name="candidates", verbose_name=_("session"))
    site = models.ForeignKey(Site, models.PROTECT, related_name="candidates", verbose_name=_("site"))
    registration_number = models.CharField(_("registration number"), max_length=40, unique=True, validators=[CODE])
    name = models.CharField(_("name"), max_length=100)
    id_number = EncryptedTextField(_("ID number"))
    id_number_hash = models.CharField(max_length=64, db_index=True, editable=False)
    phone = EncryptedTextField(_("phone"))
    phone_corrected_at = models.DateTimeField(_("phone corrected by staff"), null=True, editable=False)
    email = EncryptedTextField(_("email"), blank=True)
    track = models.CharField(_("track"), max_length=20, choices=Track.choices)
    level = models.CharField(_("level"), max_length=20, choices=Level.choices)
    flags = ArrayField(models.CharField(max_length=40), verbose_name=_("flags"), default=list, blank=True)
    activated_at = models.DateTimeField(_("activated"), null=True, editable=False)
    # For texts that leave the portal; the language of the page on which the account was activated.
    language = models.CharField(_("language"), max_length=10, blank=True, editable=False)
    consent_version = models.CharField(_("privacy notice agreed to"), max_length=20, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("candidate")
        verbose_name_plural = _("candidates")
        ordering: ClassVar = ["registration_number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "id_number_hash"], name="candidate_person_once_in_session"),
            models.CheckConstraint(condition=Q(track__in=Track.values), name="candidate_track_is_known"),
            models.CheckConstraint(condition=Q(level__in=Level.values), name="candidate_level_is_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["session", "site", "registration_number"], name="candidate_by_site"),
            models.Index(fields=["session", "site"], condition=Q(activated_at=None), name="candidate_not_activated"),
        ]

    def __str__(self) -> str:
        return f"{self.registration_number} {self.name}"


class OneTimeCode(models.Model):
    """A code sent to a phone, for one purpose, kept as a keyed hash; without a candidate: asked for, and none sent."""

    candidate = models.ForeignKey(Candidate, models.CASCADE, null=True, related_name="codes")
    purpose = models.CharField(max_length=20, choices=CodePurpose.choices, default=CodePurpose.ACTIVATION)
    account_hash = models.CharField(max_length=64, blank=True)
    typed_number = EncryptedTextField(blank=True)
    ip_address = models.GenericIPAddressField(null=True)
    code_hash = models.CharField(max_length=64, blank=True)
    sent_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)  # used, or void

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(tries__lte=5, purpose__in=CodePurpose.values), name="code_is_sound")
        ]
        indexes: ClassVar = [
            models.Index(fields=["account_hash", "sent_at"], name="code_by_account"),
            models.Index(fields=["sent_at"], name="code_by_time"),
        ]


class Message(models.Model):
    """通知: what the portal tells a candidate.

    The words are made from kind and facts when it is read, in the reader's language (candidates/texts.py).
    """

    candidate = models.ForeignKey(Candidate, models.CASCADE, related_name="messages")
    kind = models.CharField(_("kind"), max_length=20, choices=MessageKind.choices)
    facts = models.JSONField(default=dict)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    # What may be said only once (a reminder for one day) has a key; see rule "never twice".
    once_key = models.CharField(max_length=60, null=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering: ClassVar = ["-created_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["candidate", "once_key"], name="message_said_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["candidate", "-created_at"], name="message_newest_first")]


class Delivery(models.Model):
    """The outbox: one text on its way over one channel. Written with the change, sent after it commits.

    ``address`` and ``text`` are encrypted, and emptied once sent: a code must not outlive its use. ``session`` repeats
    the candidate's, and ``about`` the message's kind (its ``once_key`` where it went to a list; empty for a code), so
    that outcomes are counted from one index.
    """

    message = models.ForeignKey(Message, models.CASCADE, null=True, related_name="deliveries")
    candidate = models.ForeignKey(Candidate, models.CASCADE, related_name="deliveries")
    session = models.ForeignKey(
        ExamSession, models.CASCADE, db_index=False, related_name="+", verbose_name=_("session")
    )
    about = models.CharField(max_length=60, blank=True, editable=False)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    address = EncryptedTextField()
    subject = models.CharField(max_length=200, blank=True)
    text = EncryptedTextField()
    status = models.CharField(
        _("status"), max_length=10, choices=DeliveryStatus.choices, default=DeliveryStatus.WAITING
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"), default=timezone.now)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True)
    error = models.CharField(_("error"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        indexes: ClassVar = [
            models.Index(fields=["next_attempt_at"], condition=Q(status="waiting"), name="delivery_waiting"),
            models.Index(fields=["session", "about", "status"], name="delivery_outcome"),
            models.Index(fields=["session", "-id"], condition=~Q(error=""), name="delivery_in_trouble"),
        ]


class Event(models.Model):
    """What happened, by whom, when, from where. Can be added and never altered or removed:
    the database refuses it (candidates/migrations/0002_append_only.py).

    ``facts`` holds codes, counts and states, never an ID number, a phone number or a picture.
    """

    at = models.DateTimeField(_("when"), default=timezone.now)
    action = models.CharField(_("what"), max_length=30, choices=Action.choices)
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("who"))
    candidate = models.ForeignKey(
        Candidate, models.PROTECT, null=True, related_name="events", verbose_name=_("candidate")
    )
    session = models.ForeignKey(ExamSession, models.PROTECT, null=True, related_name="+", verbose_name=_("session"))
    region = models.ForeignKey(Region, models.PROTECT, null=True, related_name="+", verbose_name=_("region"))
    site = models.ForeignKey(Site, models.PROTECT, null=True, related_name="+", verbose_name=_("site"))
    facts = models.JSONField(_("facts"), default=dict)
    ip_address = models.GenericIPAddressField(_("address"), null=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [
            models.Index(fields=["candidate", "-id"], name="event_of_candidate"),
            models.Index(fields=["site", "-id"], name="event_of_site"),
            models.Index(fields=["region", "-id"], name="event_of_region"),
            # What the pages about a session count and list: no other kinds, because this table grows fastest.
            models.Index(
                fields=["session", "action", "at"],
                condition=Q(action__in=[Action.PHOTO_ADDED, Action.SUBMITTED, Action.REMINDED]),
                name="event_of_session",
            ),
        ]
