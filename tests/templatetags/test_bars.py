"""Bars add up, name their parts, and carry no style."""

import re

import pytest
from django.template import Context, Template


def drawn(parts):
    return Template("{% load bars %}{% stacked_bar parts %}").render(Context({"parts": parts}))


def test_widths_follow_the_counts_and_empty_parts_are_left_out():
    svg = drawn([("30 days", 3), ("60 days", 0), ("never", 1)])
    assert re.findall(r'class="f(\d)" x="([\d.]+)%" width="([\d.]+)%"', svg) == [
        ("0", "0.00", "75.00"),
        ("2", "75.00", "25.00"),
    ]
    assert 'aria-label="30 days 3 · never 1"' in svg
    assert "style" not in svg


def test_a_whole_of_nothing_is_an_empty_bar():
    assert "<rect" not in drawn([("30 days", 0), ("never", 0)])


def test_names_are_escaped():
    assert "<b>" not in drawn([("<b>", 1)])


def test_six_parts_have_no_shade():
    with pytest.raises(ValueError, match="5 shades"):
        drawn([(str(n), 1) for n in range(6)])


def test_legend_has_the_bars_shades():
    html = Template("{% load bars %}{% legend names %}").render(Context({"names": ["a", "b"]}))
    assert re.findall(r'class="f(\d)".*?</svg>(\w)', html, re.DOTALL) == [("0", "a"), ("1", "b")]
