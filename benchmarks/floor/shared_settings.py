"""``../shared/bench``'s benchsite as it is, but for the admin's import button, which needs a package of its own."""

from benchsite.settings import *  # noqa: F403
from benchsite.settings import INSTALLED_APPS as _APPS

INSTALLED_APPS = [name for name in _APPS if name != "import_export"]
