"""All the parts of the portal as a nation would run it, on ports of 127.0.0.1, and how each is killed and started."""

from __future__ import annotations

import http.client
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import psycopg2
from botocore.exceptions import BotoCoreError, ClientError

from cluster import nginx, pgbouncer, seaweed
from cluster.places import placed
from cluster.postgres import replica_of
from drill.portal import PATIENCE, Portal, free_ports
from exam_portal import embedded, serve
from exam_portal.embedded import Cluster

WEBS = ("web 1", "web 2", "web 3")
VOLUMES = ("volume 1", "volume 2")
PASSWORD = "of-the-cluster"
REPLICATION = "001"  # every picture on two volume servers


class Ports:
    """Where everything listens, decided before anything is started: one needs to know of the others."""

    def __init__(self) -> None:
        names = ["replica", "pgbouncer", "tls", "plain", *WEBS]
        names += [f"{part}{kind}" for part in ("master", "filer", "s3", *VOLUMES) for kind in ("", " grpc")]
        self._by_name = dict(zip(names, free_ports(len(names)), strict=True))

    def __getitem__(self, name: str) -> int:
        return self._by_name[name]

    def all(self) -> list[int]:
        return list(self._by_name.values())


def settings(folder: Path, ports: Ports) -> dict[str, str]:
    """The portal's, the same in every process: production, with nothing left to a default that is only for one host."""
    return {
        "DJANGO_SETTINGS_MODULE": "exam_portal.settings",
        "PORTAL_DATA_DIR": str(folder),
        "DATABASE_URL": f"postgresql://{embedded.OWNER}_app:{PASSWORD}@127.0.0.1:{ports['pgbouncer']}/portal",
        "DATABASE_REPLICA_URL": f"postgresql://{embedded.OWNER}_app@127.0.0.1:{ports['replica']}/portal",
        "SECRET_KEY": "only-for-the-cluster-" + "0123456789" * 4,
        "ALLOWED_HOSTS": "127.0.0.1",
        "TRUSTED_PROXIES": "127.0.0.1",
        "METRICS_TOKEN": "only-for-the-cluster-" + "m" * 20,
        "STORAGE_S3_ENDPOINT": f"http://127.0.0.1:{ports['s3']}",
        "STORAGE_S3_BUCKET": seaweed.BUCKET,
        "STORAGE_S3_ACCESS_KEY": seaweed.KEYS["access_key"],
        "STORAGE_S3_SECRET_KEY": seaweed.KEYS["secret_key"],
        "PHOTOS_SERVED_BY": "nginx",
        "UPLOADS_PER_HOUR": "100000",
        "WEB_CONCURRENCY": "2",
    }


@dataclass(frozen=True)
class Part:
    """One process and its own: how it is started (``popen``: Popen's other arguments), and whether it answers."""

    command: list[str]
    answers: Callable[[], bool]
    popen: dict[str, Any] = field(default_factory=dict)


class Nation(Portal):
    """A primary that runs already; the others by name. What is killed is started again by the same command."""

    def __init__(self, folder: Path, primary: Cluster, ports: Ports) -> None:
        super().__init__(folder, ports["tls"], primary)
        self._ports, self._primary = ports, primary
        self._replica: Cluster | None = None
        self._parts: dict[str, Part] = {}

    # --- starting it --------------------------------------------------------------------------------

    def start_database_parts(self) -> None:
        self._replica = replica_of(self._primary, self._primary.folder / "replica", self._ports["replica"])
        folder = self._primary.folder / "pgbouncer"  # where the account that it runs as gets to
        folder.mkdir()
        server = (str(self._primary.sockets), self._primary.port, "portal")
        role = self._primary.role
        command, identity = pgbouncer.configured(folder, server, self._ports["pgbouncer"], role, PASSWORD)
        self._parts["pgbouncer"] = Part(command, self._pool_answers, identity)
        self.start("pgbouncer")

    def start_store(self) -> None:
        weed, master = seaweed.WEED or "weed", f"127.0.0.1:{self._ports['master']}.{self._ports['master grpc']}"
        folder = self.folder / "store"
        accounts = folder / "s3.json"
        for part in ("master", "filer", *VOLUMES):
            (folder / part).mkdir(parents=True)
        seaweed.write_accounts(accounts)
        options: dict[str, dict[str, object]] = {
            "master": {
                "mdir": folder / "master",
                "peers": "none",
                "telemetry": "false",
                "volumeSizeLimitMB": 64,
                "defaultReplication": REPLICATION,
            },
            "filer": {
                "master": master,
                "defaultReplicaPlacement": REPLICATION,
                "defaultStoreDir": folder / "filer",
                "localSocket": folder / "filer.sock",
            },
            "s3": {
                "filer": f"127.0.0.1:{self._ports['filer']}.{self._ports['filer grpc']}",
                "config": accounts,
                "autoCreateBucket": "false",
                "cacheCapacityMB": 0,  # what is read comes from a volume server
                "localSocket": folder / "s3.sock",
                "port.iceberg": 0,
                "port.lance": 0,
            },
        }
        volume: dict[str, object] = {"master": master, "max": 30, "minFreeSpace": "1MB", "preStopSeconds": 0}
        options |= {name: volume | {"dir": folder / name} for name in VOLUMES}
        for name in ("master", *VOLUMES, "filer", "s3"):
            kind = "volume" if name in VOLUMES else name
            ports = {"port": self._ports[name], "port.grpc": self._ports[f"{name} grpc"]}
            command = [weed, kind, *seaweed.arguments(seaweed.HERE | ports | options[name])]
            home = {"env": os.environ | {"HOME": str(folder), "TMPDIR": str(folder)}, "cwd": folder}
            self._parts[name] = Part(command, partial(_answers, self._ports[name]), home)
            self.start(name)

    def make_bucket(self) -> None:
        """Once the volume servers have told the master of themselves."""
        store = seaweed.store_at(f"http://127.0.0.1:{self._ports['s3']}")
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return seaweed.make_bucket(store)
            except (BotoCoreError, ClientError) as error:
                if time.monotonic() > until:
                    raise SystemExit(f"SeaweedFS takes nothing: {error}") from None
            time.sleep(0.2)

    def start_portal(self) -> None:
        for name in WEBS:
            served = [sys.executable, *serve.commands(self._ports[name])["The web server"]]
            self._parts[name] = Part(served, partial(_answers, self._ports[name], "/healthz"))
        for name, command, seconds in (("sender", "send_messages", 1), ("periodic", "run_periodic", 5)):
            command_line = [sys.executable, "manage.py", command, "--every", str(seconds)]
            self._parts[name] = Part(command_line, lambda: True)
        self.start(*WEBS, "sender", "periodic")

    def start_front(self) -> None:
        folder = self.folder / "nginx"
        folder.mkdir()
        nginx.make_certificate(folder, "127.0.0.1")
        pictures = folder / "photos-s3.conf"
        pictures.write_text(placed("nginx-photos-s3.conf", {"127.0.0.1:8333": f"127.0.0.1:{self._ports['s3']}"}))
        portals = [f"127.0.0.1:{self._ports[name]}" for name in WEBS]
        http = nginx.front(portals, folder, "127.0.0.1", self._ports["tls"], self._ports["plain"], str(pictures))
        self._parts["nginx"] = Part(nginx.configured(folder, http), partial(_answers, self._ports["plain"]))
        self.start("nginx")

    def _wait_for(self, name: str) -> None:
        until = time.monotonic() + PATIENCE
        while not self._parts[name].answers():
            ended = self._children[name].poll()
            if ended is not None or time.monotonic() > until:
                raise SystemExit(f"{name} does not answer (status {ended}); see {self.folder / 'portal.log'}")
            time.sleep(0.1)

    def _pool_answers(self) -> bool:
        place = {"host": "127.0.0.1", "port": self._ports["pgbouncer"], "dbname": "portal", "connect_timeout": 5}
        try:
            psycopg2.connect(user=self._primary.role, password=PASSWORD, **place).close()
        except psycopg2.OperationalError:
            return False
        return True

    # --- hurting it -----------------------------------------------------------------------------------

    def kill(self, name: str) -> None:
        """SIGKILL, to all of it: as when its host is gone."""
        if name == "replica":
            assert self._replica
            with suppress(ProcessLookupError):
                os.kill(int((self._replica.data / "postmaster.pid").read_text().split("\n", 1)[0]), signal.SIGKILL)
            return
        serve.send(self._children[name], signal.SIGKILL)
        self._children[name].wait()

    def start(self, *names: str) -> None:
        """All at once, for the first time or again, as their supervisor would; returns when they answer."""
        for name in names:
            if name == "replica":
                assert self._replica
                self._replica.start()
            else:
                self._start(name, self._parts[name].command, **self._parts[name].popen)
        for name in names:
            if name != "replica":
                self._wait_for(name)

    def stop(self) -> None:
        # Fronts first: what is behind is not asked for meanwhile. SeaweedFS waits for others at SIGTERM.
        for name in ("nginx", "s3", "filer", *VOLUMES, "master"):
            if name in self._children:
                serve.send(self._children[name], signal.SIGKILL)
        super().stop()
        if self._replica:
            self._replica.stop()
        seaweed.remove_sockets(self._ports.all())

    # --- looking at it --------------------------------------------------------------------------------

    def metrics(self) -> dict[str, float]:
        """What the web processes count of the replica, added up, by outcome; since each was started."""
        found: dict[str, float] = {}
        for name in WEBS:
            connection = http.client.HTTPConnection("127.0.0.1", self._ports[name], timeout=PATIENCE)
            connection.request("GET", "/metrics", headers={"Authorization": f"Bearer {os.environ['METRICS_TOKEN']}"})
            lines = connection.getresponse().read().decode().splitlines()
            connection.close()
            for line in lines:
                if line.startswith("portal_replica_reads_total{"):
                    outcome = line.partition('outcome="')[2].partition('"')[0]
                    found[outcome] = found.get(outcome, 0) + float(line.rpartition(" ")[2])
        return found


def _answers(port: int, path: str = "/") -> bool:
    """Whether a web server is there, whatever it says."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 600
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
