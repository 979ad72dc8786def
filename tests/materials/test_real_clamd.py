"""The scanner's hook with the real clamd, where there is one (docs/quality.md, section 1, line 14)."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from candidates.refusals import Refusal
from materials import scanner
from materials.models import Photo

from .clamd import EICAR, carrying_eicar
from .pages import errors, file, upload

pytestmark = pytest.mark.django_db
CLAMD = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin:/usr/local/sbin")


@pytest.fixture(scope="module")
def real_clamd() -> Iterator[str]:
    """A clamd of our own that knows one signature, on a Unix socket."""
    if CLAMD is None:
        pytest.skip("clamd is not installed (Debian: clamav-daemon)")
    # A Unix socket's path must be short.
    with tempfile.TemporaryDirectory(prefix="clamd-") as folder:
        path = str(Path(folder, "clamd.ctl"))
        Path(folder, "tests.ndb").write_text(f"Eicar-Test:0:*:{EICAR.hex()}\n")
        lines = ["Foreground yes", f"DatabaseDirectory {folder}", f"LocalSocket {path}", "StreamMaxLength 1M"]
        Path(folder, "clamd.conf").write_text("\n".join([*lines, ""]))
        with subprocess.Popen(
            [CLAMD, "--config-file", f"{folder}/clamd.conf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            try:
                _wait_for(process, path)
                yield path
            finally:
                process.terminate()


def _wait_for(process: subprocess.Popen[bytes], address: str) -> None:
    for _ in range(600):
        assert process.poll() is None, "clamd ended at its start"
        try:
            return scanner.ping(address)
        except (OSError, scanner.ScannerError):
            time.sleep(0.1)
    pytest.fail("clamd does not answer")


def test_a_real_clamd(client, draft, settings, real_clamd):
    settings.SCANNER = real_clamd
    assert client.get("/readyz").status_code == 200
    answer = upload(client, "ID", file(carrying_eicar()))
    assert (answer.status_code, errors(answer)) == (422, ["infected"])
    assert not Photo.objects.exists()
    assert upload(client, "ID", file(seed=7)).status_code == 303
    assert errors(upload(client, "ID", file(b""))) == ["empty"]


def test_a_real_clamd_whose_limit_is_too_low(settings, real_clamd, caplog):
    settings.SCANNER = real_clamd
    with pytest.raises(Refusal) as caught:
        scanner.refuse_unless_clean(bytes(5_000_000))
    assert caught.value.code == "scanner"
    assert "size limit" in caplog.text


def test_without_a_scanner_the_comment_alone_stops_nobody(client, draft):
    """So that the refusal above is the scanner's."""
    assert upload(client, "ID", file(carrying_eicar())).status_code == 303
