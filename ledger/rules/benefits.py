"""享受政策: how much is recorded of one, and how many a household may have."""

LONGEST_AMOUNT = 30
LONGEST_SOURCE = 60
MOST_BENEFITS = 12
BLANK_ROWS = 2
"""Empty ones that the form holds ready."""
