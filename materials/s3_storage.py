"""Pictures in an S3-compatible store. Imported only where one is configured: boto3 takes 10 MB, 25 once it is used."""

from collections.abc import Iterator
from typing import Any

from botocore.config import Config
from django.core.files.base import ContentFile, File
from storages.backends.s3 import S3Storage

from .storage import PhotoStore

CONNECT_SECONDS = 2
READ_SECONDS = 3
#: Whoever has a signed address sees the picture: long enough for a browser to follow a redirect, no longer.
SIGNED_SECONDS = 120


class NotTheStore(OSError):
    """What answered is no S3 store: a proxy's page, for example. Believed, it would be a picture lost."""


class PrivateS3Storage(PhotoStore, S3Storage):
    """One request for each picture read or written, from memory and into memory, that ends within seconds.

    The parent asks up to three times for a picture, and takes whatever answers 200 for a store.
    """

    def get_default_settings(self) -> dict[str, Any]:
        config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"total_max_attempts": 2},
            signature_version="s3v4",
            s3={"addressing_style": "path"},
        )
        return super().get_default_settings() | {"default_acl": None, "client_config": config}

    @property
    def _client(self) -> Any:
        return self.connection.meta.client

    def _save(self, name: str, content: File) -> str:
        answer = self._client.put_object(
            Bucket=self.bucket_name,
            Key=name,
            Body=content.read(),
            ContentType="image/png" if name.endswith(".png") else "image/jpeg",
            CacheControl="private, no-store",
        )
        _refuse_unless_from_store(answer)
        return name

    def _open(self, name: str, mode: str = "rb") -> File:
        try:
            answer = self._client.get_object(Bucket=self.bucket_name, Key=name)
        except self._client.exceptions.NoSuchKey:
            raise FileNotFoundError(name) from None
        with answer["Body"] as body:
            data = body.read()
        _refuse_unless_from_store(answer)
        return ContentFile(data, name)

    def names(self, folder: str = "") -> Iterator[str]:
        listed = self._client.get_paginator("list_objects_v2")
        for page in listed.paginate(Bucket=self.bucket_name, Prefix=f"{folder}/" if folder else ""):
            self._refuse_unless_listed(page)
            yield from (entry["Key"] for entry in page.get("Contents", ()))

    def probe(self) -> None:
        # Asking for a name would not do: that the bucket is missing looks the same as that the name is.
        self._refuse_unless_listed(self._client.list_objects_v2(Bucket=self.bucket_name, MaxKeys=1))

    def signed_address(self, name: str, content_type: str, disposition: str) -> str:
        says = {
            "ResponseContentType": content_type,
            "ResponseContentDisposition": disposition,
            "ResponseCacheControl": "private, no-store",
        }
        address: str = self._client.generate_presigned_url(
            "get_object", Params={"Bucket": self.bucket_name, "Key": name, **says}, ExpiresIn=SIGNED_SECONDS
        )
        return address

    def _refuse_unless_listed(self, answer: dict[str, Any]) -> None:
        """A web page can be read as a list of nothing."""
        if answer.get("Name") != self.bucket_name:
            raise NotTheStore("the answer is not a list of the bucket")


def _refuse_unless_from_store(answer: dict[str, Any]) -> None:
    if not answer.get("ETag"):
        raise NotTheStore("the answer is not that of an S3 store")
