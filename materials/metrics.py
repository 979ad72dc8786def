"""What is counted of uploads, for Prometheus (exam_portal/metrics.py)."""

from prometheus_client import Counter

UPLOADS = Counter(
    "portal_uploads", "Pictures that came, by what became of them: taken, or the refusal's code.", ["outcome"]
)
TAKEN = "taken"
