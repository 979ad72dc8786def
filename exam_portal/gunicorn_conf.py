"""How gunicorn runs, the same under `make run`, systemd and in a container (`-c python:exam_portal.gunicorn_conf`).

What an operator may want otherwise is an argument after it (``--bind``) or in the environment (WEB_CONCURRENCY).
"""

import os
import shutil
import tempfile
from typing import Any

from exam_portal import environment
from exam_portal.log_settings import log_settings

SHARED_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None

bind = f"127.0.0.1:{environment.number('PORT', 8000, least=1, most=65535)}"
workers = environment.number("WEB_CONCURRENCY", min(2 * (os.cpu_count() or 1), 5), least=1, most=1000)
# A worker sends one answer at a time, and a large export is minutes on its way to a slow reader.
timeout = 600
graceful_timeout = 10
control_socket_disable = True
loglevel = "warning"
worker_tmp_dir = SHARED_MEMORY  # a worker's heartbeat must not wait for a disk
logconfig_dict: dict[str, Any] = log_settings(environment.choice("LOG_FORMAT", "line", ("line", "json")))
logconfig_dict["loggers"] = {"gunicorn.error": {"level": "WARNING", "handlers": [], "propagate": True}}


def on_starting(server: Any) -> None:
    """Each worker counts in a file of its own, and all can add them up (metrics.py).

    Not on a disk: they are mapped into memory, and where a disk is full, writing to one would end the worker.
    """
    folder = tempfile.mkdtemp(prefix=f"portal-metrics-{os.getpid()}-", dir=SHARED_MEMORY)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder  # what the library goes by; workers import it later


def post_worker_init(worker: Any) -> None:
    """Each worker can ask how many wait for all of them."""
    from exam_portal import backlog  # once Django is there

    backlog.watch(worker.sockets, worker.cfg.workers)


def on_exit(server: Any) -> None:
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
