"""What gunicorn serves."""

import logging
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exam_portal.settings")
application = get_wsgi_application()

# Apps are imported once Django is set up.
from django.conf import settings  # noqa: E402

from exam_portal import production  # noqa: E402
from materials.intake import isolated  # noqa: E402

if settings.IS_PRODUCTION:
    for remark in production.remarks(
        sms_backend=settings.SMS_BACKEND, email_url=settings.EMAIL_URL, databases=settings.DATABASES
    ):
        logging.getLogger(__name__).warning(remark)
isolated.start()  # ready before the first picture comes
