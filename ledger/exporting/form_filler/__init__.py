"""A program of its own that looks into an office's blank workbook and fills its cells: small limits, no settings, no
database, no network. It imports nothing of the ledger; ``ledger.exporting.fill_in_forms`` starts it.
"""
