from exam_portal.settings import *  # noqa: F403

ROOT_URLCONF = "bench.empty.urls"
