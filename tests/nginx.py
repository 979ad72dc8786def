"""A real nginx before the live server, with a configuration of deploy/ as it is there but for its places."""

import os
import shutil
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
from django.conf import settings

from exam_portal.serve import die_with_parent
from tests.seaweed import free_ports

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
SERVER = """
{user}
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/log;
events {{}}
http {{
    access_log off;
    types {{}}
    default_type application/octet-stream;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/http.conf;
}}
"""
BEFORE_PORTAL = """
server {{
    listen 127.0.0.1:{port};
    location / {{
        proxy_pass {portal};
        proxy_set_header Host $http_host;
    }}
    {photos}
}}
"""


@contextmanager
def nginx_before(portal: str, configuration: str, *places: tuple[str, str]) -> Iterator[str]:
    """Run it with ``deploy/<configuration>``, each of ``places`` put in the place of the example's; yields its URL."""
    photos = (Path(settings.BASE_DIR) / "deploy" / configuration).read_text()
    for example, place in places:
        assert example in photos
        photos = photos.replace(example, place)
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
        Path(folder, "http.conf").write_text(configuration)
        # Root's nginx would hand its work to another account, which does not read the tests' folder.
        user = "user root;" if os.geteuid() == 0 else ""
        Path(folder, "nginx.conf").write_text(SERVER.format(folder=folder, user=user))
        command = [NGINX, "-p", folder, "-e", f"{folder}/log", "-c", f"{folder}/nginx.conf"]
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
