"""Print docs/permissions.md from the access matrix; run it after a change of routes or permissions.

The matrix itself is asked by tests/guards/test_access_matrix.py, which leaves what each role met in a folder.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "permissions.md"
ROLES_ALONE = "out_of_scope and not elsewhere and not anonymous and not disabled and not posting and not moved"
ASK = ["tests/guards/test_access_matrix.py", "-q", "-n", "2", "--dist", "worksteal", "-k", ROLES_ALONE]


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        env = os.environ | {"PERMISSIONS_TO": folder}
        code = subprocess.run([sys.executable, "-m", "pytest", *ASK], cwd=ROOT, env=env, check=False).returncode
        found = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in Path(folder).glob("*.json")}
    if code:
        print("The matrix does not hold; nothing was printed.", file=sys.stderr)
        return code
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from ledger.rules.permissions import Role
    from tests.access.page import printed

    columns = {str(role): {(n, m): cell for n, m, cell in found[str(role)]} for role in Role}
    PAGE.write_text(printed(columns), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)}: {sum(map(len, columns.values()))} cells")
    return 0


if __name__ == "__main__":
    sys.exit(main())
