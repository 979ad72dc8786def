"""Who: accounts, regions and their sites, sessions, candidates, messages, and the events."""

from .accounts import User, UserManager
from .events import Event, Seal
from .messages import Delivery, Message
from .naming import CODE, CODE_PATTERN, EARLIEST, LATEST, Named, in_language
from .people import Candidate, OneTimeCode
from .places import Region, Site
from .second_factor import Authenticator, RecoveryCodes
from .sessions import ExamSession, PrivacyNotice
from .tallies import DeliveryTally, Tally

__all__ = [
    "CODE",
    "CODE_PATTERN",
    "EARLIEST",
    "LATEST",
    "Authenticator",
    "Candidate",
    "Delivery",
    "DeliveryTally",
    "Event",
    "ExamSession",
    "Message",
    "Named",
    "OneTimeCode",
    "PrivacyNotice",
    "RecoveryCodes",
    "Region",
    "Seal",
    "Site",
    "Tally",
    "User",
    "UserManager",
    "in_language",
]
