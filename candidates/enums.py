"""The choices of this app (docs/product.md, "Words")."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """What an account may do. A candidate's account has CANDIDATE and nothing else."""

    CANDIDATE = "candidate", _("Candidate")
    SITE_REVIEWER = "site_reviewer", _("Site reviewer")
    REGION_REVIEWER = "region_reviewer", _("Region reviewer")
    REGION_STAFF = "region_staff", _("Regional staff")
    REGION_LEAD = "region_lead", _("Regional lead")
    ADMINISTRATOR = "administrator", _("Administrator")


class Track(TextChoices):
    CLINICAL = "clinical", _("Clinical medicine")
    DENTAL = "dental", _("Dentistry")
    PUBLIC_HEALTH = "public_health", _("Public health")
    TCM = "tcm", _("Traditional Chinese medicine")
    TCM_APPRENTICE = "tcm_apprentice", _("Traditional Chinese medicine (apprenticeship or special skill)")
    INTEGRATIVE = "integrative", _("Integrative medicine")
    RURAL_GP = "rural_gp", _("Rural general practice")


class Level(TextChoices):
    PHYSICIAN = "physician", _("Licensed physician")
    ASSISTANT = "assistant", _("Licensed assistant physician")


class Flag(TextChoices):
    """Facts of a registration that make categories required."""

    IDENTITY_CHANGED = "identity_changed", _("Identity data changed")
    POSTGRADUATE = "postgraduate", _("Professional degree")
    OVERSEAS_DEGREE = "overseas_degree", _("Foreign degree")
    TRIAL_ROUTE = "trial_route", _("Trial period")
    ASSISTANT_TO_PHYSICIAN = "assistant_to_physician", _("Assistant physician going on to physician")
    FRESH_GRADUATE = "fresh_graduate", _("Fresh graduate")
    EXTRA_TEST = "extra_test", _("Extra test")
    MILITARY = "military", _("Military")
    HMT_OR_FOREIGN = "hmt_or_foreign", _("From Hong Kong, Macao, Taiwan or abroad")
    REPEAT = "repeat", _("Registered in an earlier year")


class Stages(TextChoices):
    """Who reviews in a session, in which order."""

    SITE_THEN_REGION = "site_then_region", _("Site, then region")
    SITE = "site", _("Site only")
    REGION = "region", _("Region only")


class DraftsAtClose(TextChoices):
    """What becomes of a draft in which nothing is missing when the upload window closes."""

    STAY = "stay", _("Stay unsubmitted")
    COUNT = "count", _("Count as submitted")


class MessageKind(TextChoices):
    SUBMITTED = "submitted", _("Submitted")
    COUNTED = "counted", _("Counted as submitted")
    RETURNED = "returned", _("Correction asked for")
    UNLOCKED = "unlocked", _("One item unlocked")
    EXTENDED = "extended", _("Deadline extended")
    REMINDER = "reminder", _("Reminder")
    PUBLISHED = "published", _("Result published")
    WITHDRAWN = "withdrawn", _("Result withdrawn")
    CIRCULAR = "circular", _("Message to a list")
    PASSWORD_CHANGED = "password_changed", _("Password changed")
    PHONE_CHANGED = "phone_changed", _("Phone number changed")


class Channel(TextChoices):
    SMS = "sms", _("SMS")
    MAIL = "mail", _("Mail")


class DeliveryStatus(TextChoices):
    WAITING = "waiting", _("Waiting")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    CALLED_OFF = "called_off", _("Called off")


class CodePurpose(TextChoices):
    """What a one-time code opens. It opens nothing else."""

    ACTIVATION = "activation", _("Activation")
    SIGN_IN = "sign_in", _("Sign-in")
    RESET = "reset", _("New password")


class IdentityCheck(TextChoices):
    """How staff made sure that whoever asks is the candidate."""

    IN_PERSON = "in_person", _("In person, identity document seen")
    VIDEO = "video", _("By video, identity document seen")
    OLD_NUMBER = "old_number", _("Called back on the number stored so far")


class Action(TextChoices):
    """What an event says happened."""

    SIGNED_IN = "signed_in", _("Signed in")
    SIGN_IN_FAILED = "sign_in_failed", _("Sign-in failed")
    SIGNED_OUT = "signed_out", _("Signed out")
    SECOND_FACTOR_ENROLLED = "second_factor_enrolled", _("Second factor set up")
    SECOND_FACTOR_GIVEN = "second_factor_given", _("Second factor given")
    SECOND_FACTOR_FAILED = "second_factor_failed", _("Second factor failed")
    SECOND_FACTOR_REMOVED = "second_factor_removed", _("Second factor removed")
    RECOVERY_CODE_USED = "recovery_code_used", _("Recovery code used")
    RECOVERY_CODES_MADE = "recovery_codes_made", _("New recovery codes")
    CODE_SENT = "code_sent", _("One-time code sent")
    CODE_NOT_SENT = "code_not_sent", _("One-time code asked for, none sent")
    ACTIVATED = "activated", _("Account activated")
    CONSENTED = "consented", _("Privacy notice agreed to")
    NOTICE_CHANGED = "notice_changed", _("Privacy notice changed")
    PASSWORD_CHANGED = "password_changed", _("Password changed")
    PHONE_CHANGED = "phone_changed", _("Phone number changed")
    LANGUAGE_CHANGED = "language_changed", _("Language of messages changed")
    ROSTER_TAKEN_IN = "roster_taken_in", _("Roster handed in")
    ROSTER_CHECKED = "roster_checked", _("Roster checked")
    ROSTER_LOADED = "roster_loaded", _("Roster loaded")
    REGISTRATION_CHANGED = "registration_changed", _("Registration changed")
    SESSION_CHANGED = "session_changed", _("Session changed")
    CATALOGUE_CHANGED = "catalogue_changed", _("Catalogue changed")
    RECORD_CHANGED = "record_changed", _("Record changed")
    DEADLINE_EXTENDED = "deadline_extended", _("Deadline extended")
    PHOTO_ADDED = "photo_added", _("Picture added")
    PHOTO_TURNED = "photo_turned", _("Picture turned")
    PHOTO_DELETED = "photo_deleted", _("Picture deleted")
    PHOTO_ERASED = "photo_erased", _("Deleted pictures erased")
    PHOTO_RESTORED = "photo_restored", _("Picture put back")
    PHOTO_MOVED = "photo_moved", _("Picture moved to another place")
    PHOTO_REFUSED = "photo_refused", _("Picture refused")
    PHOTO_VIEWED = "photo_viewed", _("Picture viewed")
    PHOTO_SHOWN_TURNED = "photo_shown_turned", _("Picture shown turned to reviewers")
    NOT_APPLICABLE_SET = "not_applicable_set", _("Marked as not applicable")
    REPLIED = "replied", _("Written reply")
    SUBMITTED = "submitted", _("Submitted")
    CLAIMED = "claimed", _("Claimed for review")
    KEPT_AHEAD = "kept_ahead", _("Kept for review next")
    TAKEN_OVER = "taken_over", _("Claim taken over")
    SKIPPED = "skipped", _("Skipped for now")
    RELEASED = "released", _("Given back to the queue")
    VERDICT_GIVEN = "verdict_given", _("Verdict given")
    FINISHED = "finished", _("Review finished")
    UNLOCKED = "unlocked", _("Item unlocked")
    PROPOSED = "proposed", _("Publication proposed")
    PROPOSAL_TAKEN_BACK = "proposal_taken_back", _("Proposal taken back")
    PUBLISHED = "published", _("Results published")
    WITHDRAWN = "withdrawn", _("Results withdrawn")
    EXPORTED = "exported", _("Results exported")
    REMINDED = "reminded", _("Reminders sent")
    CIRCULAR_SENT = "circular_sent", _("Message to a list sent")
    DELIVERY_RETRIED = "delivery_retried", _("Failed message tried again")
    SECOND_LOOK_CLAIMED = "second_look_claimed", _("Second look claimed")
    SECOND_LOOK_ANSWERED = "second_look_answered", _("Second look answered")
    SECOND_LOOK_SETTLED = "second_look_settled", _("Disagreement settled")
    COMMAND_RUN = "command_run", _("Command run")
    ERASED = "erased", _("Personal data of a candidate removed")
    PURGED = "purged", _("Personal data of a session removed")
