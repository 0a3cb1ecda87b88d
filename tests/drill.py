"""``make drill``: the heavy counts. A test marked ``drill`` runs there with its full count, and in CI with a small one.

@pytest.mark.drill                  # in CI too: sizes come from times()
@pytest.mark.drill(only=True)       # nothing of it fits into CI
for _ in range(times(ci=5, drill=100)): …
"""

import os

DRILLING = os.environ.get("LEDGER_DRILL") == "1"


def times(*, ci: int, drill: int) -> int:
    """How often to do it in this run."""
    return drill if DRILLING else ci
