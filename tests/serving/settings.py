"""The settings of production for a real server process, and one route more: the one that fails as it is told."""

from config.settings import *  # noqa: F403
from config.settings import STORAGES

assert PRODUCTION  # noqa: F405 - anything else would prove nothing

ROOT_URLCONF = "tests.serving.urls"
# Collecting and compressing the static files takes seconds and is not what is asked here.
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "config.static.Plain"}}
WHITENOISE_USE_FINDERS = True
# A hundred people are made for the server, and the real hasher takes 100 ms each by design.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
