"""The floor: the least a Django site can do for a signed-in POST. Session, user, CSRF, a form check, one insert.

It has the ledger's own database settings and server, so that a ratio to it measures the ledger's code alone.
"""
