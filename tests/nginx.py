"""A real nginx before the live server, with a configuration of deploy/ as it is there but for its places."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import URLError
from urllib.request import urlopen

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
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass {portal};
            proxy_set_header Host $http_host;
        }}
        include {folder}/photos.conf;
    }}
}}
"""


@contextmanager
def nginx_before(portal: str, configuration: str, *places: tuple[str, str]) -> Iterator[str]:
    """Run it with ``deploy/<configuration>``, each of ``places`` put in the place of the example's; yields its URL."""
    if NGINX is None:
        pytest.skip("nginx is not installed (Debian: nginx)")
    photos = (Path(settings.BASE_DIR) / "deploy" / configuration).read_text()
    for example, place in places:
        assert example in photos
        photos = photos.replace(example, place)
    with TemporaryDirectory(prefix="portal-nginx-") as folder:
        [port] = free_ports(1)
        Path(folder, "photos.conf").write_text(photos)
        # Root's nginx would hand its work to another account, which does not read the tests' folder.
        user = "user root;" if os.geteuid() == 0 else ""
        server = SERVER.format(folder=folder, port=port, portal=portal, user=user)
        Path(folder, "nginx.conf").write_text(server)
        process = subprocess.Popen(
            [NGINX, "-p", folder, "-e", f"{folder}/log", "-c", f"{folder}/nginx.conf"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=die_with_parent,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(process, url, Path(folder, "log"))
            yield url
        finally:
            process.terminate()
            process.wait()


def _wait_for(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    for _ in range(200):
        assert process.poll() is None, log.read_text()
        try:
            with urlopen(f"{url}/healthz"):
                return
        except URLError:
            time.sleep(0.05)
    pytest.fail(f"nginx does not answer: {log.read_text()}")
