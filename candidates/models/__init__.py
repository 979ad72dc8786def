"""Who: accounts, regions and their sites, sessions, candidates, messages, and the events."""

from .accounts import User, UserManager
from .events import Event, Seal
from .messages import Delivery, Message
from .naming import CODE, CODE_PATTERN, EARLIEST, LATEST, Named, in_language
from .people import Candidate, OneTimeCode
from .places import Region, Site
from .sessions import ExamSession, PrivacyNotice

__all__ = [
    "CODE",
    "CODE_PATTERN",
    "EARLIEST",
    "LATEST",
    "Candidate",
    "Delivery",
    "Event",
    "ExamSession",
    "Message",
    "Named",
    "OneTimeCode",
    "PrivacyNotice",
    "Region",
    "Seal",
    "Site",
    "User",
    "UserManager",
    "in_language",
]
