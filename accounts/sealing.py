"""What must not lie open in the database is sealed by the module that ``settings.ACCOUNT_SEALS`` names.

It has ``encrypt(label, text)``, ``decrypt(label, token)`` and a ``KeyringError`` for what does not open: here the
ledger's keyring, whose keys are kept apart from the database.
"""

from importlib import import_module

from django.conf import settings


class Unreadable(Exception):
    """A token does not open: it was altered, or its key has been taken out of use."""


def seal(label: str, text: str) -> str:
    sealed: str = import_module(settings.ACCOUNT_SEALS).encrypt(label, text)
    return sealed


def unseal(label: str, token: str) -> str:
    """The text of a token; raises Unreadable."""
    module = import_module(settings.ACCOUNT_SEALS)
    try:
        text: str = module.decrypt(label, token)
    except module.KeyringError as error:
        raise Unreadable from error
    return text
