"""What holds for every request: its language, no caching by others, and text that a database can hold."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils import translation

from exam_portal.errors import error_page

GetResponse = Callable[[HttpRequest], HttpResponse]


class LanguageMiddleware:
    """The language that was chosen with the switch, otherwise the installation's.

    Not the browser's: many phones here are set to English by chance, and a page that a neighbour
    sees in Chinese must not come in English for no visible reason.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class PrivatePagesMiddleware:
    """No shared cache, and no browser's on a shared computer, keeps what the portal answers."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers["Cache-Control"] = "private, no-store"
        return response


class PlainTextMiddleware:
    """Refuse NUL characters in addresses, forms and cookies: PostgreSQL cannot hold them, and nobody types them."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            is_plain = not _has_nul(request)
        except UnreadablePostError:  # the connection broke while the form was on its way
            is_plain = False
        return self.get_response(request) if is_plain else error_page(400)


def _has_nul(request: HttpRequest) -> bool:
    forms = (text for form in (request.GET, request.POST) for name, values in form.lists() for text in (name, *values))
    return any("\0" in text for text in (request.path, *request.COOKIES.values(), *forms))
