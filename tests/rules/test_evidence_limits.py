"""The worst pictures that are still allowed: what each costs the process that draws it anew.

Each is drawn in a process of its own, so that the peak is its own.
"""

import io
import json
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from PIL import Image

from ledger.rules.pictures import MOST_SCANS
from tests.drill import DRILLING
from tests.guards.sources import ROOT
from tests.hostile_files import PNG, chunk

MOST_MEMORY = 512
"""Megabytes beyond the process itself; two workers on the smallest machine (4 GB) may both be at it."""
MOST_SECONDS = 12
"""CPU seconds; the passes of a JPEG at its limit take about 3."""
MEASURE = """
import json, re, sys, time
from ledger.rules.evidence import prepare

def peak():  # not getrusage: that begins with the peak of whoever started us
    return int(re.search(r"VmHWM:\\s+([0-9]+)", open("/proc/self/status").read())[1]) / 1024

content = open(sys.argv[1], "rb").read()
before, began = peak(), time.process_time()
kept = prepare(content, "x", limit=10 << 20)
print(json.dumps({"photo": kept.is_photo, "MB": peak() - before, "seconds": time.process_time() - began}))
"""


def png(colour: int, depth: int, *extra: bytes, size: tuple[int, int] = (5000, 4000)) -> bytes:
    width, height = size
    row = b"\0" + b"\x55" * (width * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour] * depth // 8)
    packer = zlib.compressobj(1)
    data = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return PNG + header + b"".join(extra) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def webp() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGBA", (5000, 4000), (1, 2, 3, 4)).save(buffer, "WEBP", lossless=True, method=0)
    return buffer.getvalue()


def progressive(mode: str, passes: int) -> bytes:
    """40 million pixels whose last pass is told again and again."""
    buffer = io.BytesIO()
    picture = Image.new(mode, (8000, 5000))
    picture.save(buffer, "JPEG", quality=40, progressive=True, subsampling=0)
    plain = buffer.getvalue()
    last = plain.rindex(b"\xff\xda")
    return plain[:-2] + plain[last:-2] * (passes - plain.count(b"\xff\xda")) + plain[-2:]


PALETTE = (chunk(b"PLTE", b"\1\2\3" * 256), chunk(b"tRNS", b"\x10" * 256))
WORST = {
    "JPEG with every pass allowed": lambda: progressive("RGB", MOST_SCANS),
    "WebP of 46 bytes": webp,
    "PNG with one colour transparent": lambda: png(2, 8, chunk(b"tRNS", b"\0\1" * 3)),
    "CMYK": lambda: progressive("CMYK", MOST_SCANS),
    "PNG with 16 bits and transparency": lambda: png(6, 16),
    "grey PNG with 16 bits": lambda: png(0, 16),
    "PNG with a palette": lambda: png(3, 8, *PALETTE),
    "PNG one pixel high": lambda: png(2, 8, size=(20_000_000, 1)),
}
IN_CI = 2


@pytest.mark.drill
@pytest.mark.parametrize("what", list(WORST) if DRILLING else list(WORST)[:IN_CI])
def test_the_worst_is_bounded(what: str, tmp_path: Path) -> None:
    file = tmp_path / "worst"
    file.write_bytes(WORST[what]())
    assert file.stat().st_size < 10 << 20
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(file)], cwd=ROOT, env=os.environ.copy(), capture_output=True, text=True,
        check=True, timeout=120,
    )  # fmt: skip
    cost = json.loads(done.stdout)
    assert cost["photo"]
    assert 20 < cost["MB"] < MOST_MEMORY, cost
    assert cost["seconds"] < MOST_SECONDS, cost
