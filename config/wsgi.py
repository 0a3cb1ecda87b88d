"""The WSGI application that gunicorn serves."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

from config.handler import Handler  # noqa: E402 - both read the settings
from ledger.rules import keyring  # noqa: E402

application = Handler()

keyring.current_key_id("encrypt")  # a server without its keys stops here, not at the first household
