"""The layers of CONTRIBUTING.md hold (import-linter's contracts in pyproject.toml)."""

import subprocess
import sys
from pathlib import Path

from tests.guards.sources import ROOT


def test_imports_follow_the_layers():
    program = Path(sys.executable).with_name("lint-imports")
    linted = subprocess.run([program, "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert linted.returncode == 0, (
        "a module imports from a layer above its own; move what it needs down, or the caller up:\n" + linted.stdout
    )
