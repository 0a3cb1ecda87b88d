"""Yardsticks, never part of the tests: ``make bench``, or ``make bench ARGS="pages"`` for one.

Each ``*_bench.py`` prints its own table. The machine is shared, so compare CPU and ratios, never wall time.
"""
