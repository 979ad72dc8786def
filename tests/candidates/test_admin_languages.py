"""The Django admin in Chinese and in English: nothing of the other language in what is not data, and dates as ours."""

import re
from html import unescape

import pytest
from django.contrib import admin
from django.urls import reverse

from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def pages(client, settings):
    """Reads a page of every kind in the language asked for: the overview, every list, the first record of each."""
    application = factories.decided("passed")
    factories.publish(application.session)
    factories.returned()
    client.force_login(factories.administrator(name="王"), backend="candidates.backends.AccountBackend")

    def read(language: str) -> dict[str, str]:
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        addresses = ["/admin/"]
        for model in admin.site._registry:
            name = f"{model._meta.app_label}_{model._meta.model_name}"
            addresses.append(reverse(f"admin:{name}_changelist"))
            if (first := model._default_manager.first()) is not None:
                addresses.append(reverse(f"admin:{name}_change", args=[first.pk]))
        return {address: client.get(address).content.decode() for address in addresses}

    return read


def names_in(html: str) -> list[str]:
    """Headings, columns, labels, filters, buttons: what is nobody's data."""
    html = re.sub(r"<(script|style|svg|code)\b.*?</\1>", "", html, flags=re.DOTALL)
    found = re.findall(r"<(title|caption|label|summary|th|h1|h3|legend)\b[^>]*>(.*?)</\1>", html, re.DOTALL)
    words = [re.sub(r"<[^>]+>", " ", text) for _tag, text in found]
    words += re.findall(r'<input type="submit" value="([^"]+)"', html)
    return [" ".join(unescape(text).split()) for text in words if text.strip()]


def test_in_chinese_nothing_is_english(pages):
    # A hidden field's name, and what rows are called by.
    known = re.compile(r"\b(Version|reason-\d+|staff\d+)\b")
    strays = {
        (address, text)
        for address, html in pages("zh-hans").items()
        for text in names_in(html)
        if re.search("[A-Za-z][a-z]{2,}", known.sub("", text))
    }
    assert strays == set()


def test_in_english_dates_are_not_american(pages):
    html = "".join(pages("en").values())
    assert not re.search(r"\b[ap]\.m\.|(Jan|Feb|Sept|Oct|Nov|Dec)\. \d", html)
    assert re.search(r">(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d{1,2} [A-Z][a-z]{2} \d{4}, \d\d:\d\d<", html)


def test_in_chinese_dates_have_their_weekday(pages):
    html = "".join(pages("zh-hans").values())
    assert re.search(r"\d{4}年\d{1,2}月\d{1,2}日（周.）\d\d:\d\d", html)
    assert not re.search(r"星期", html)
