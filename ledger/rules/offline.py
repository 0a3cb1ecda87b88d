"""What a phone may keep of a person's work, for how long, and under which seal."""

from django.core import signing

from ledger.rules import keyring

FORMAT = 1
"""Of what is handed out to phones; they throw away what they don't know."""
KEPT_DAYS = 7
MOST_HOUSEHOLDS = 400
"""Of one cadre: far above what anybody looks after."""
VISITS_SHOWN = 3
FORMS = frozenset({"visit_create", "visits_together"})
"""Pages whose form may wait on the phone and be sent later: creating forms with a client id."""
_SALT = "ledger.offline.holder"
_LABEL = "offline.seal"


def seals(user_id: int) -> dict[str, str]:
    """Key id → secret from which the phone makes the key of this person's work; the current one comes first.

    Only ever handed to the person: without signing in, what a phone kept cannot be opened there either.
    """
    salt = str(user_id).encode()
    return {key_id: key.hex() for key_id, key in keyring.derived_keys(_LABEL, salt).items()}


def holder_token(user_id: int, account: str) -> str:
    """What a phone shows to ask whether it may still keep what it has; ``account`` changes with the password."""
    return signing.dumps([user_id, account[:16]], salt=_SALT)


def read_holder_token(token: str) -> tuple[int, str] | None:
    """User id and account mark; None for what is not ours."""
    try:
        user_id, account = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return int(user_id), str(account)
