"""联系服务卡 (terms.md 2): the phones on its back, and a fingerprint of what it says, part by part."""

import hashlib
import re
from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

A_SHEET = 8
"""Cards on one A4: two across, four down, the backs mirrored for a printer that turns the long edge."""
COMMON_PHONES = "\n".join((
    "报警 110", "火警 119", "急救 120", "交通事故 122", "政务服务 12345", "供电 95598", "医保 12393", "人社 12333",
    "法律援助 12348", "反诈 96110", "心理援助 12356",
))  # fmt: skip
"""What a county begins with (terms.md 3); one a line, the name and then the number."""
MOST_PHONES = 16
PARTS: dict[str, Promise | str] = {
    "cadre": _("household cadre"), "phone": _("phone of the cadre"), "village": _("village-contact cadre"),
    "secretary": _("village secretary"), "phones": _("duty and service phones"), "code": _("QR code"),
}  # fmt: skip
"""What a card says beside the head's name, in the order of its fingerprint; a change of one is told by its word."""
_SIGNS = 8
_LINE = re.compile(r"^(?P<name>\S.*?)\s+(?P<number>[0-9+][0-9 +()-]{2,24})$")


def phone_lines(text: str) -> list[tuple[str, str]]:
    """(name, number) of each line. Raises ValueError with the line that has no number at its end."""
    found = []
    for line in text.splitlines():
        if not line.strip():
            continue
        fits = _LINE.match(line.strip().replace("\u3000", " ").replace("：", " ").replace(":", " "))
        if fits is None:
            raise ValueError(line.strip())
        found.append((fits["name"], fits["number"].strip()))
    return found


def fingerprint(said: dict[str, Sequence[object]]) -> str:
    """Eight signs a part, so that two of them tell which parts differ."""
    return "-".join(_short(said[part]) for part in PARTS)


def _short(said: Sequence[object]) -> str:
    return hashlib.sha256("\x1f".join(map(str, said)).encode()).hexdigest()[:_SIGNS]


def changed_parts(printed: str, now: str) -> list[Promise | str]:
    """The words of the parts in which two fingerprints differ."""
    old, new = printed.split("-"), now.split("-")
    if len(old) != len(new):
        return list(PARTS.values())
    return [word for word, before, after in zip(PARTS.values(), old, new, strict=True) if before != after]


def is_secretary(title: str) -> bool:
    """Whether a village official's title says 村支书, however it is worded; 第一书记 and deputies are others."""
    return ("支书" in title or "书记" in title) and not any(other in title for other in ("副", "第一", "管区"))
