"""What is answered where the store of pictures fails and there is no page to say it on."""

from django.http import HttpResponse
from django.template.loader import render_to_string


def store_failed() -> HttpResponse:
    page = render_to_string("errors/503.html", {"error": "store"})
    return HttpResponse(page, status=503, headers={"Retry-After": "30"})
