"""The project's settings with the static files as production serves them: named by their content, and compressed."""

from config.settings import *  # noqa: F403  # all of them
from config.settings import STORAGES, env

STORAGES["staticfiles"] = {"BACKEND": "config.static.Hashed"}
WHITENOISE_USE_FINDERS = False
STATIC_ROOT = env.path("LIGHTHOUSE_STATIC")
