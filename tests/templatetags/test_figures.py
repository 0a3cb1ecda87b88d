"""Numbers that open the rows they count: what stands in them is escaped, and a 0 opens nothing."""

from django.template import Context, Template

CELL = {"n": 1234, "url": '/issues/?area=a&figure="><b>', "name": "<i>超期</i>", "state": "late"}
HREF = 'href="/issues/?area=a&amp;figure=&quot;&gt;&lt;b&gt;"'
TITLE = 'title="&lt;i&gt;超期&lt;/i&gt;"'


def drawn(tag: str, **given: object) -> str:
    return Template(f"{{% load figures %}}{{% {tag} %}}").render(Context(given))


def test_a_number_opens_its_rows() -> None:
    assert drawn("number cell", cell=CELL) == f'<a class="t-late" {TITLE} {HREF}>1,234</a>'
    assert drawn("number cell", cell=CELL | {"n": 0}) == "0"


def test_cells_of_a_table_have_their_names_in_its_head() -> None:
    wanted = f'<td class="num"><a class="t-late" {HREF}>1,234</a></td><td class="num">0</td>'
    assert drawn("number_cells cells", cells=[CELL, CELL | {"n": 0}]) == wanted


def test_a_fraction_says_its_sum_without_colours() -> None:
    share = {"part": CELL, "whole": [CELL | {"n": 2}, CELL | {"n": 0}]}
    wanted = f"<a {TITLE} {HREF}>1,234</a> / <a {TITLE} {HREF}>2</a> + 0"
    assert drawn("fraction share", share=share) == wanted
