"""The ledger of 33,410 issues as a workbook, against XlsxWriter's own constant-memory mode with the driver's raw rows.

Both floors read the same columns with one SQL question and hand each row to ``write_row``: no scope, no words, no
masking. ``bare`` writes them without looks, ``bordered`` gives every cell the border and wrap that the paper has, empty
ones too, as ours must. Ours is what the worker does, from the filter to the closed file. Each run is a fresh process;
CPU without PostgreSQL's own. Exit code 1 above 1.1 × the bare CPU, when ten times the rows need more than 1.1 × the
memory, or when the workbook's rows are not those of the list, page after page, in its order.
"""

import json
import resource
import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

ROWS, ROUNDS = 33_410, 3
MOST_CPU, MOST_MEMORY = 1.1, 1.1
SQL = """
    SELECT issue.number, issue.registered_at, issue.source, village.name, grp.number, issue.raised_by_name, parent.name,
           category.name, issue.title, issue.text, cadre.name, unit.name, handler.name, issue.result_text, issue.due_on,
           issue.resolved_at, issue.answer, issue.called_back_at, issue.closed_at, issue.state, issue.earlier_number
    FROM ledger_issue issue
    JOIN ledger_village village ON village.id = issue.village_id
    JOIN ledger_category category ON category.id = issue.category_id
    LEFT JOIN ledger_category parent ON parent.id = category.parent_id
    LEFT JOIN ledger_group grp ON grp.id = issue.group_id
    LEFT JOIN ledger_household household ON household.id = issue.household_id
    LEFT JOIN ledger_cadre cadre ON cadre.id = household.cadre_id
    LEFT JOIN ledger_cadre handler ON handler.id = issue.handler_id
    LEFT JOIN ledger_organisation unit ON unit.id = issue.lead_organisation_id
    ORDER BY issue.registered_at DESC, issue.id DESC LIMIT %s
"""


def bare(path: Path, rows: int, *, bordered: bool = False) -> int:
    import xlsxwriter
    from django.db import connection

    written = 0
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book, connection.cursor() as cursor:
        sheet = book.add_worksheet()
        look = book.add_format({"border": 1, "text_wrap": True}) if bordered else None
        cursor.execute(SQL, [rows])
        while chunk := cursor.fetchmany(2_000):
            for row in chunk:
                sheet.write_row(written, 0, [str(x) if hasattr(x, "isoformat") else x for x in row], look)
                written += 1
    return written


def ours(path: Path, rows: int) -> int:
    from django.http import QueryDict

    from accounts.models import User
    from ledger.exporting import tables
    from ledger.exporting.sheets import write_table
    from ledger.filters.exports import wanted

    source = wanted(User.objects.get(username="leader"), "issues", QueryDict("registered_from=2000-01-01")).source
    keys = tables.keys_of(source.rows[:rows])
    return write_table(path, source.table, source.head, tables.rows_of(source.table, source.rows.model, keys)).rows


def listed() -> list[tuple[str, str, str]]:
    """Number, day and state of every row of the list, turned over page by page as its view does."""
    from django.http import QueryDict

    from accounts.models import User
    from ledger.exporting.cells import iso
    from ledger.filters.export_lists import issue_filter
    from ledger.queries.keyset import keyset_page
    from ledger.views.issue_ledger import NEWEST, PAGE

    chosen = issue_filter(User.objects.get(username="leader"), QueryDict("registered_from=2000-01-01"))
    found = chosen.qs.select_related(None)
    rows, after = [], ""
    while True:
        page = keyset_page(found, order=NEWEST, size=PAGE, after=after)
        rows += [(each.printed_number, iso(each.registered_at), str(each.get_state_display())) for each in page.rows]
        if not page.next:
            return rows
        after = page.next


def equal(path: Path, rows: int) -> int:
    """The workbook's rows, which are those of the list; 0 where one differs."""
    import python_calamine
    from django.utils import translation

    ours(path, rows)
    sheet = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    head = next(at for at, row in enumerate(sheet) if "编号" in row)
    columns = [sheet[head].index(name) for name in ("编号", "登记日期", "状态")]
    taken = [tuple(str(row[at]) for at in columns) for row in sheet[head + 1 :] if str(row[0]).split(".")[0].isdigit()]
    with translation.override("zh-hans"):
        shown = listed()
    return len(taken) if taken == shown[:rows] and len(taken) == min(rows, len(shown)) else 0


def one(case: str, rows: int) -> None:
    """One run in this process."""
    import django

    django.setup()
    from django.db import connection

    connection.ensure_connection()
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "list.xlsx"
        began = time.process_time()
        written = {"bare": bare, "bordered": partial(bare, bordered=True), "ours": ours, "equal": equal}[case](
            path, rows
        )
        cpu = time.process_time() - began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"cpu": cpu, "peak": peak, "rows": written, "mib": path.stat().st_size / 2**20}))


def main() -> int:
    from benchmarks.databases import databases, ledger, run, table

    failed = False
    with databases() as found:
        for name, source in found.items():
            env = ledger(source, 5_000, 5_000, ROWS)
            runs: dict[tuple[str, int], list[dict[str, Any]]] = {}
            for _round in range(ROUNDS):
                for case in (("bare", ROWS), ("bordered", ROWS), ("ours", ROWS), ("ours", ROWS // 10)):
                    said = run("-m", "benchmarks.figures_export", "one", *case, env=env)
                    runs.setdefault(case, []).append(json.loads(said))
            mid = {
                case: {key: statistics.median(one[key] for one in them) for key in them[0]}
                for case, them in runs.items()
            }
            base, full, tenth = mid["bare", ROWS], mid["ours", ROWS], mid["ours", ROWS // 10]
            ratio, memory = full["cpu"] / base["cpu"], full["peak"] / tenth["peak"]
            same = json.loads(run("-m", "benchmarks.figures_export", "one", "equal", ROWS, env=env))["rows"] == ROWS
            failed |= ratio > MOST_CPU or memory > MOST_MEMORY or not same
            told = "the list's own, row for row" if same else "NOT those of the list"
            print(f"\n{name}: {int(full['rows']):,} rows, {told}; memory of ten times the rows {memory:.2f} ×")
            table(
                ["case", "CPU s", "× bare", "peak MiB", "file MiB"],
                [
                    [f"{case} {rows:,}", f"{m['cpu']:.2f}", f"{m['cpu'] / base['cpu']:.2f}", f"{m['peak']:.0f}",
                     f"{m['mib']:.1f}"]
                    for (case, rows), m in mid.items()
                ],
            )  # fmt: skip
    return int(failed)


if __name__ == "__main__":
    if sys.argv[1:2] == ["one"]:
        one(sys.argv[2], int(sys.argv[3]))
    else:
        sys.exit(main())
