"""A real nginx before the live server, with a configuration of deploy/ as it is there but for its places."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPMessage
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest

from cluster.nginx import NGINX, configured
from cluster.places import placed
from drill.portal import free_ports
from exam_portal.serve import die_with_parent

BEFORE_PORTAL = """
server {{
    listen 127.0.0.1:{port};
    proxy_set_header Host $http_host;  # for all that is below, as in deploy/nginx.conf
    location / {{
        proxy_pass {portal};
    }}
    {photos}
}}
"""


@contextmanager
def nginx_before(portal: str, configuration: str, *places: tuple[str, str]) -> Iterator[str]:
    """Run it with ``deploy/<configuration>``, each of ``places`` put in the place of the example's; yields its URL."""
    photos = placed(configuration, dict(places))
    [port] = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    with nginx_with(BEFORE_PORTAL.format(port=port, portal=portal, photos=photos), url):
        yield url


@contextmanager
def nginx_with(configuration: str, url: str) -> Iterator[None]:
    """Run it with ``configuration`` in its `http`, until it answers at ``url`` and as long as the context is held."""
    if NGINX is None:
        pytest.skip("nginx is not installed (Debian: nginx)")
    with TemporaryDirectory(prefix="portal-nginx-") as folder:
        command = configured(Path(folder), configuration)
        checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stderr
        assert "[warn]" not in checked.stderr, checked.stderr
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=die_with_parent,
        )
        try:
            _wait_for(process, url, Path(folder, "log"))
            yield
        finally:
            process.terminate()
            process.wait()


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


_as_it_is = build_opener(_NoRedirects)


def _wait_for(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    for _ in range(200):
        assert process.poll() is None, log.read_text()
        try:
            with _as_it_is.open(f"{url}/healthz"):
                return
        except HTTPError:
            return  # an answer
        except URLError:
            time.sleep(0.05)
    pytest.fail(f"nginx does not answer: {log.read_text()}")
