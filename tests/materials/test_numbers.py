"""Pictures are counted from 1 wherever they are shown, whatever positions deleting has left them."""

import re

import pytest

from materials.models import Photo
from materials.receipts.contents import read_receipt
from tests import factories

from .pages import file, upload

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def gap(client, draft):
    """The first of two pictures was deleted; the second keeps its position, so that a new first one comes first."""
    first = factories.make_photo(draft, "EDU", seed=1)
    factories.make_photo(draft, "EDU", seed=2)
    client.post(f"/materials/EDU/photos/{first.pk}/delete/")
    return draft


def numbers(client, path):
    return set(re.findall(r'alt="毕业证书，第(\d+)张"', client.get(path).content.decode()))


def test_on_the_pages(client, gap):
    factories.fill(gap)
    for path in ("/materials/", "/materials/EDU/", "/materials/submit/"):
        assert numbers(client, path) == {"1"}, path
    page = client.get("/materials/EDU/").content.decode()
    assert "删除“毕业证书”第1张图片" in page
    assert "第2张" not in page


def test_what_was_deleted_is_numbered_as_it_will_be_again(client, draft):
    photos = [factories.make_photo(draft, "EDU") for _ in range(3)]
    for photo in photos[:2]:
        client.post(f"/materials/EDU/photos/{photo.pk}/delete/")
    page = client.get("/materials/").content.decode()
    assert re.findall(r"第(\d)张图片已删除", page) == ["1", "2"]


def test_on_the_receipt_and_for_the_reviewer(client, gap):
    submission = factories.submit(gap)
    assert numbers(client, "/materials/receipt/1/") == {"1"}
    live = Photo.objects.filter(item__category__code="EDU", superseded_at=None)
    assert list(live.values_list("position", flat=True)) == [1]
    (entry,) = [entry for entry in submission.manifest if entry["item"] == "EDU"]
    assert [photo["position"] for photo in entry["photos"]] == [1]


def test_a_receipt_of_before_counts_so_too(draft):
    submission = factories.submit(draft)
    for entry in submission.manifest:
        for photo in entry["photos"]:
            photo["position"] += 1
    found = {entry.code: [picture.position for picture in entry.pictures] for entry in read_receipt(submission).entries}
    assert found == {"ID": [1, 2], "EDU": [1]}


def test_a_picture_that_is_there_already_is_named_by_the_number_shown(client, gap):
    client.post(f"/materials/EDU/photos/{Photo.objects.get(superseded_at=None).pk}/delete/")
    data = factories.picture(7)
    upload(client, "EDU", file(factories.picture(6)), file(data))
    first = Photo.objects.filter(item__category__code="EDU", superseded_at=None).order_by("position").first()
    client.post(f"/materials/EDU/photos/{first.pk}/delete/")
    assert "“毕业证书”第1张" in upload(client, "ID", file(data)).content.decode()
