"""What makes the product an app on the phone: the manifest, the service worker with its list of files, the shell.

None of them holds anything personal: the worker caches exactly these (design.md 10, Files).
"""

import functools
import hashlib
import json
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from ledger.forms.visit_points import ANSWERS
from ledger.views.contract import contract

WORKER = "js/offline-worker.js"
SHARED = ("js/offline-store.js", "js/offline-send.js")
"""What the worker and the pages have in common: how work is kept, and how it is sent."""
FOLDERS = ("css/*.css", "js/*.js", "icons/*.svg", "icons/*.png", "vendor/bootstrap/*.css")


@contract(public=True)
def manifest(request: HttpRequest) -> HttpResponse:
    """What the phone needs to put the ledger on its home screen, in the language of whoever asks."""
    icons = [
        {"src": staticfiles_storage.url(f"icons/{kind}-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png",
         "purpose": "any" if kind == "icon" else "maskable"}
        for kind in ("icon", "maskable") for size in (192, 512)
    ]  # fmt: skip
    said = {
        "id": "/", "name": _("Village Ledger"), "short_name": _("Village Ledger"), "lang": translation.get_language(),
        "description": _("Visits to households, and what becomes of each matter raised there."), "dir": "ltr",
        "start_url": "/", "scope": "/", "display": "standalone", "orientation": "any", "theme_color": "#0c6655",
        "background_color": "#f4f6f5", "icons": icons, "categories": ["government", "productivity"],
        "shortcuts": [{"name": _("Log a visit"), "url": reverse("visit_create")}],
    }  # fmt: skip
    return JsonResponse(said, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False})


@contract(public=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker, with the files of this version in front: another file anywhere makes it another worker."""
    path = finders.find(WORKER)
    assert isinstance(path, str), f"{WORKER} is not among the static files"
    shared = [staticfiles_storage.url(name) for name in SHARED]
    listed = {"version": shell_version(), "files": [staticfiles_storage.url(name) for name in shell_files()],
              "shells": shells(), "shared": shared}  # fmt: skip
    head = f"self.SHELL = {json.dumps(listed)};\nimportScripts(...self.SHELL.shared);\n"
    return HttpResponse(head + Path(path).read_text(encoding="utf-8"), content_type="text/javascript; charset=utf-8")


@contract(public=True)
def offline_shell(request: HttpRequest) -> HttpResponse:
    """The page that stands in for every other while the server can't be reached: empty, the phone fills it."""
    code = request.GET.get("language", "")
    with translation.override(code if code in dict(settings.LANGUAGES) else translation.get_language()):
        return render(request, "ledger/offline/offline_shell.html", {"answers": ANSWERS})


def shells() -> dict[str, str]:
    """Language → address of its shell."""
    return {code: f"{reverse('offline_shell')}?language={code}" for code, _name in settings.LANGUAGES}


def shell_files() -> list[str]:
    """The static files that the shell and the forms in it are made of, without their ``static/``."""
    root = settings.BASE_DIR / "static"
    return sorted(path.relative_to(root).as_posix() for pattern in FOLDERS for path in root.glob(pattern))


def shell_version() -> str:
    """Names what the worker caches: of the files, the addresses they have, and the words of the shell."""
    root = settings.BASE_DIR / "static"
    stamps = tuple((name, (stat := (root / name).stat()).st_mtime_ns, stat.st_size) for name in shell_files())
    words = []
    for code in shells():
        with translation.override(code):
            words.append(render_to_string("ledger/offline/offline_shell.html", {"answers": ANSWERS}))
    said = hashlib.sha256(_digest(stamps).encode())
    said.update("".join(words).encode())
    return said.hexdigest()[:16]


@functools.lru_cache(maxsize=4)
def _digest(stamps: tuple[tuple[str, int, int], ...]) -> str:
    """Of what the files hold; read again only when one of them changed."""
    said = hashlib.sha256()
    for name, _changed, _size in stamps:
        said.update(f"{staticfiles_storage.url(name)}\n".encode())
        said.update((settings.BASE_DIR / "static" / name).read_bytes())
    return said.hexdigest()
