"""The project's own files, as git knows them: what is there or about to be, without what it ignores."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def project_files() -> list[Path]:
    """Paths relative to the root; files that were deleted but not yet committed are left out."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return sorted(Path(name) for name in set(listing.split("\0")) if name and (ROOT / name).is_file())


def python_files() -> list[Path]:
    """Every module but the generated migrations."""
    return [path for path in project_files() if path.suffix == ".py" and "migrations" not in path.parts]
