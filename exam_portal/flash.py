"""The messages of one page to the next, in a cookie whose name is a setting: Django's has a fixed one."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class FlashCookie(CookieStorage):
    cookie_name = settings.MESSAGE_COOKIE_NAME


class FlashStorage(FallbackStorage):
    """In the cookie, and what does not fit into it in the session."""

    storage_classes = (FlashCookie, SessionStorage)
