"""Pictures that the store itself shows (PHOTOS_SERVED_BY=store): the pages' policy lets that host in, and no other."""

from contextlib import closing

import pytest
from django.conf import settings as portal_settings

from exam_portal import environment
from tests import factories

IMAGE = "(src) => [...document.images].find((one) => one.src === src)"
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("store", ["s3"], indirect=True)
@pytest.mark.parametrize("is_let_in", [True, False])
def test_the_materials_page(browser, live_server, client, store, s3_endpoint, settings, is_let_in):
    settings.PHOTOS_SERVED_BY = "store"
    if is_let_in:
        directives = portal_settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
        images = [*directives["img-src"], environment.origin(s3_endpoint)]
        settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": {**directives, "img-src": images}}
    application = factories.draft()
    photo = factories.make_photo(application, "ID")
    client.force_login(application.candidate.user)
    cookies = [{"name": name, "value": one.value, "url": live_server.url} for name, one in client.cookies.items()]
    thumb, requested = f"{live_server.url}/photos/{photo.pk}/thumb/", []
    with closing(browser.new_context()) as context:
        context.add_cookies(cookies)
        page = context.new_page()
        page.on("request", lambda request: requested.append(request.url))

        page.goto(f"{live_server.url}/materials/")
        page.wait_for_function(
            "(src) => [...document.images].some((one) => one.src === src && one.complete)", arg=thumb
        )

        width = page.evaluate("(src) => [...document.images].find((one) => one.src === src).naturalWidth", thumb)
    assert thumb in requested
    assert (width > 0) == is_let_in
