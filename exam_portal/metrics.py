"""``/metrics``: what Prometheus asks. Counts and durations by view, and what waits; of nobody in particular.

Counts are each worker's own, in a folder that gunicorn_conf.py names, and are added up here for whichever worker is
asked. What waits is asked of the database then and there.
"""

import hmac
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, InterfaceError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from candidates.selectors import longest_wait_of_deliveries, number_of_deliveries
from candidates.services.seals import count_unsealed
from exam_portal import backlog, request_id
from materials.selectors import number_submitted_by_stage

logger = logging.getLogger(__name__)

REQUESTS = Counter("portal_requests", "Requests answered.", ["view", "method", "status"])
SECONDS = Histogram(
    "portal_request_seconds",
    "Until an answer begins; a large export goes on after that.",
    ["view"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
METHODS = {"GET", "HEAD", "POST"}


class MetricsMiddleware:
    """Counts every request, also what other middleware answers. Labels are names of the code and nothing that was sent:
    neither a person's data nor as many series as a stranger likes.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        view = request_id.view_of(request) or "none"
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(view, method, response.status_code).inc()
        SECONDS.labels(view).observe(time.perf_counter() - began)
        return response


class Waiting(Collector):
    """What waits, and how much room there is, as of now."""

    def collect(self) -> Iterator[Metric]:
        free = shutil.disk_usage(settings.DATA_DIR).free if settings.DATA_DIR.exists() else 0
        waiting = backlog.number_waiting()
        yield GaugeMetricFamily(
            "portal_requests_waiting", "Requests that no worker of this gunicorn has taken.", waiting
        )
        yield GaugeMetricFamily("portal_disk_free_bytes", "Free where PORTAL_DATA_DIR is.", free)
        try:
            with transaction.atomic():
                found = list(_asked_of_the_database())
        except (DatabaseError, InterfaceError) as error:
            logger.error("metrics without the database: %s", type(error).__name__)
            found = []
        yield GaugeMetricFamily("portal_database_up", "1 when the database answered.", 1 if found else 0)
        yield from found


def _asked_of_the_database() -> Iterator[Metric]:
    deliveries = GaugeMetricFamily("portal_deliveries", "SMS and mails that have not left.", labels=["status"])
    for status, number in number_of_deliveries().items():
        deliveries.add_metric([status], number)
    yield deliveries
    yield GaugeMetricFamily(
        "portal_delivery_longest_wait_seconds",
        "How long the delivery that is due and waits longest has been due.",
        longest_wait_of_deliveries(timezone.now()).total_seconds(),
    )
    waiting = GaugeMetricFamily("portal_applications_waiting", "Applications that wait for a review.", labels=["stage"])
    for stage, number in number_submitted_by_stage().items():
        waiting.add_metric([stage], number)
    yield waiting
    yield GaugeMetricFamily("portal_events_unsealed", "Events that the chain does not cover yet.", count_unsealed())


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For whoever has METRICS_TOKEN; without one, outside production, for this machine. A 404 for all others."""
    if not _may_read(request):
        raise Http404
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(registry)
        counts = generate_latest(registry)
    else:
        counts = generate_latest(REGISTRY)
    now = CollectorRegistry()
    now.register(Waiting())
    return HttpResponse(counts + generate_latest(now), content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        scheme, _space, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        is_right = hmac.compare_digest(token.strip().encode(), settings.METRICS_TOKEN.encode())
        return scheme.lower() == "bearer" and is_right
    return not settings.IS_PRODUCTION and request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1")
