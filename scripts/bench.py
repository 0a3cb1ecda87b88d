"""``make bench``: run the yardsticks, ``figures`` and ``*_bench``, one after the other; each prints its own table.

bench.py [WORD …]     only those whose name holds one of the words
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main(words: list[str]) -> int:
    names = ["figures", *sorted(path.stem for path in (ROOT / "benchmarks").glob("*_bench.py"))]
    chosen = [name for name in names if not words or any(word in name for word in words)]
    if not chosen:
        print(
            f"No yardstick has {' or '.join(words) or 'a name'}; there are: {', '.join(names) or 'none'}.",
            file=sys.stderr,
        )
        return 1
    codes = []
    for name in chosen:
        print(f"\n== {name}", flush=True)
        codes.append(subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], cwd=ROOT, check=False).returncode)
    return max(codes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
