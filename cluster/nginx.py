"""deploy/nginx.conf for an nginx on this machine: what stands around it, and a certificate that nobody vouches for."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cluster.places import DEPLOY, placed, program

NGINX = program("nginx")
AROUND = """
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


def configured(folder: Path, http: str) -> list[str]:
    """Write its files, with ``http`` in its `http`; returns its command."""
    (folder / "http.conf").write_text(http)
    # Root's nginx would hand its work to another account, which does not read the folder.
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user=user))
    return [NGINX or "nginx", "-p", str(folder), "-e", f"{folder}/log", "-c", f"{folder}/nginx.conf"]


def front(portals: list[str], folder: Path, host: str, port: int, plain_port: int, pictures: str) -> str:
    """deploy/nginx.conf before ``portals`` (host:port), for TLS at ``port``; its files are in ``folder``.

    ``pictures``: a file that shows them, one of the two of deploy/ or a copy.
    """
    return placed(
        "nginx.conf",
        {
            "    server 127.0.0.1:8000;": "\n".join(f"    server {portal};" for portal in portals),
            "listen 80;": f"listen 127.0.0.1:{plain_port};",
            "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
            "exam.example": host,
            "/etc/ssl/exam-portal": str(folder),
            "/var/cache/nginx/exam-portal": f"{folder}/cache",
            "/var/log/nginx/exam-portal.log": f"{folder}/access",
            "/srv/portal/deploy;": f"{DEPLOY};",
            "# include /srv/portal/deploy/nginx-photos-folder.conf": f"include {pictures}",
        },
    )


def make_certificate(folder: Path, host: str) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    (folder / "fullchain.pem").write_bytes(certificate)
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
