"""What gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exam_portal.settings")
application = get_wsgi_application()

from materials.intake import isolated  # noqa: E402  apps are imported once Django is set up

isolated.start()  # ready before the first picture comes
