"""The demonstration: an invented county whose dates are always relative to today.

Everything is made up: names of places and people, codes and ID numbers of an area that does not exist (99 0101),
mobiles of number ranges that are not in use. ``load.py`` puts it together; production refuses it.
"""
