"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

from ledger.rules import keyring  # noqa: E402 - it reads the settings

keyring.current_key_id("encrypt")  # a server without its keys stops here, not at the first household
