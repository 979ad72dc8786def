"""A bucket that keeps versions: every version of every picture goes, those deleted before too."""

import uuid

import pytest
from storages.backends.s3 import S3Storage

from candidates.refusals import Refusal
from materials.models import application_folder
from materials.services import erasure
from materials.storage import delete_folder

FOLDER = application_folder(uuid.UUID(int=7))


class Objects:
    """What boto3 calls a collection, of a bucket's objects or versions."""

    def __init__(self, bucket, kind):
        self.bucket, self.kind = bucket, kind

    def filter(self, Prefix):  # noqa: N803  boto3's word
        self.prefix = Prefix
        return self

    def delete(self):
        """In pages, as it does; a version that cannot be deleted is told in the answer and raises nothing."""
        here = [entry for entry in self.bucket.stored if entry[0].startswith(self.prefix)]
        if self.kind == "objects":
            here = [entry for entry in here if entry[1] == "newest"]
        answers = []
        for entry in here:
            if entry in self.bucket.held:
                answers.append({"Errors": [{"Key": entry[0], "Code": "AccessDenied"}]})
            else:
                self.bucket.stored.remove(entry)
                answers.append({"Deleted": [{"Key": entry[0]}]})
        return answers


class Bucket:
    def __init__(self, *stored):
        self.stored, self.held = list(stored), []

    object_versions = property(lambda self: Objects(self, "versions"))
    objects = property(lambda self: Objects(self, "objects"))


@pytest.fixture
def bucket():
    mine = [("a.jpg", "newest"), ("a.jpg", "older"), ("b.jpg", "a mark that it was deleted"), ("b.jpg", "older")]
    other = (f"{application_folder(uuid.UUID(int=8))}/c.jpg", "newest")
    return Bucket(*[(f"{FOLDER}/{name}", version) for name, version in mine], other, (f"{FOLDER}x/d.jpg", "newest"))


@pytest.fixture
def storage(bucket):
    one = S3Storage(bucket_name="pictures")
    one._bucket = bucket
    return one


def test_every_version_goes_and_nobody_elses(storage, bucket):
    delete_folder(storage, FOLDER)

    assert [name for name, _version in bucket.stored if name.startswith(f"{FOLDER}/")] == []
    assert len(bucket.stored) == 2


def test_what_the_store_keeps_is_not_taken_for_gone(storage, bucket, monkeypatch):
    bucket.held = [bucket.stored[1]]
    monkeypatch.setattr(erasure, "photo_storage", lambda: storage)

    with pytest.raises(Refusal) as refused:
        erasure.delete_all_files([uuid.UUID(int=7)])

    assert refused.value.code == "store"
