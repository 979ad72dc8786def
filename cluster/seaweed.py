"""SeaweedFS on this machine: where it is, who may use it, and a bucket in it."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from pathlib import Path

from cluster.places import program
from materials.s3_storage import PrivateS3Storage

# The programs of a virtual environment are beside its Python, and need not be on the path.
WEED = program("weed", Path(sys.executable).parent)
KEYS = {"access_key": "tests", "secret_key": "only-for-tests"}
BUCKET = "photos"
HERE: dict[str, object] = {"ip": "127.0.0.1", "ip.bind": "127.0.0.1"}
PARTS = ("master", "volume", "filer", "s3")


def write_accounts(file: Path) -> None:
    """One account that may all."""
    account = {"name": "tests", "credentials": [{"accessKey": KEYS["access_key"], "secretKey": KEYS["secret_key"]}]}
    file.write_text(json.dumps({"identities": [account | {"actions": ["Admin", "Read", "Write", "List"]}]}))


def arguments(options: dict[str, object]) -> list[str]:
    return [f"-{name}={value}" for name, value in options.items()]


def store_at(endpoint: str, **options: object) -> PrivateS3Storage:
    return PrivateS3Storage(endpoint_url=endpoint, **({"bucket_name": BUCKET} | KEYS | options))


def make_bucket(store: PrivateS3Storage) -> None:
    """Make it unless it is there, and see that it takes something; raises whatever a store raises."""
    client = store.connection.meta.client
    with suppress(client.exceptions.BucketAlreadyExists, client.exceptions.BucketAlreadyOwnedByYou):
        client.create_bucket(Bucket=BUCKET)
    client.put_object(Bucket=BUCKET, Key="first", Body=b"!")
    client.delete_object(Bucket=BUCKET, Key="first")


def remove_sockets(ports: list[int]) -> None:
    """It puts these into the shared temporary folder whatever it is told."""
    for part in PARTS:
        for port in ports:
            Path(f"/tmp/seaweedfs-{part}-grpc-{port}.sock").unlink(missing_ok=True)
