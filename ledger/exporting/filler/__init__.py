"""A program of its own that checks and fills Word templates: small limits, no settings, no database, no network use.

It is started by ``ledger.exporting.word`` with the template and plain texts, so that whatever a template holds can do
no more than end it (docs/decisions). It imports nothing of the ledger.
"""
