"""Chinese: Django's own month and day have a leading zero that nobody writes."""

MONTH_DAY_FORMAT = "n月j日"
