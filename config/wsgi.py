"""The WSGI application that gunicorn serves."""

import gc
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

from config.handler import Handler  # noqa: E402 - both read the settings
from ledger.rules import keyring  # noqa: E402

application = Handler()

gc.collect()
gc.freeze()  # what has been loaded stays: nobody needs to look through it again and again
gc.set_threshold(20_000, 20, 20)  # a page makes so many objects that Python would look for garbage a hundred times

keyring.current_key_id("encrypt")  # a server without its keys stops here, not at the first household
