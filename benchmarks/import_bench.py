"""A roster of 33,410 households: plan and apply against what plain Python needs for the same rows in the same tables.

The floor reads with calamine, makes the same checks, seals and indexes the numbers and writes households, heads,
codes, statuses, assignments, types and batch rows by ``executemany`` (SQLite) or ``COPY`` (PostgreSQL) in one
transaction. "Again" is the same file a second time: the floor parses, checks, indexes and compares; nothing is written.
Each run is a fresh process with its modules loaded; CPU is that of the process, of the reader it starts (a process of
its own for us, part of the same for the floor) and of PostgreSQL's server process for it.
Memory is the peak of the process, or that of the reader with the process as it was before, whichever is more: the
reader has ended when the process begins to grow.
Exit code 1 above 1.5 × the floor, of CPU or of memory, or 1.3 × the CPU for the second time.

IMPORT_ROWS=100000 python -m benchmarks.import_bench    the same with that many rows
"""

import datetime
import json
import os
import resource
import statistics
import sys
from pathlib import Path
from typing import Any

ROWS, ROUNDS = int(os.environ.get("IMPORT_ROWS", "33410")), 3
MOST, MOST_MEMORY = {"import": 1.5, "again": 1.3}, 1.5
HEADINGS = [
    "乡镇",
    "村",
    "村民组",
    "户编号",
    "户主姓名",
    "身份证号",
    "电话",
    "人口数",
    "住址",
    "户类型",
    "挂户干部工号",
]
SURNAMES, GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅"
TYPES = ("一般户", "脱贫户", "监测户", "低保户", "五保户")
VILLAGES, CADRES = 61, 1_694


def roster_row(i: int) -> list[Any]:
    """Household ``i`` of the county, always the same."""
    from ledger.rules.identity import make_id_number

    village = i * VILLAGES // ROWS
    group = i % 8 + 1
    born = datetime.date(1940, 1, 1) + datetime.timedelta(days=i % 20_000)
    return [
        f"第{village // 10 + 1}乡", f"平安村{village + 1}", f"第{group}村民小组", f"H{100000000 + i}",
        SURNAMES[i % 20] + GIVEN[i * 7 % 27] + GIVEN[i * 13 % 27],
        make_id_number("530101", born, i // 20_000 * 50 + i % 50),
        f"13{i * 7919 % 10**9:09d}", 1 + i % 7, f"平安村{village + 1}第{group}村民小组{i % 99 + 1}号",
        TYPES[0 if i % 4 else i // 4 % 5], f"GB{i * CADRES // ROWS + 1:06d}",
    ]  # fmt: skip


def make_file(path: Path, *, cadres: bool = True) -> None:
    """The roster as a workbook; its last column is the cadre."""
    import xlsxwriter

    columns = len(HEADINGS) if cadres else len(HEADINGS) - 1
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("户册")
        sheet.write_row(0, 0, HEADINGS[:columns])
        for i in range(ROWS):
            sheet.write_row(i + 1, 0, roster_row(i)[:columns])


def make_places() -> None:
    """The townships, villages, groups, types and cadres that the roster names."""
    from ledger.models import Cadre, County, Group, HouseholdType, Township, Village

    county = County.objects.create(code="530101", name="平安县")
    townships = [
        Township.objects.create(county=county, code=f"530101{n:03d}", name=f"第{n}乡", short_name=f"第{n}")
        for n in range(1, 8)
    ]
    villages = Village.objects.bulk_create(
        Village(township=townships[n // 10], code=f"530101{n:06d}", name=f"平安村{n + 1}") for n in range(VILLAGES)
    )
    Group.objects.bulk_create(Group(village=village, number=number) for village in villages for number in range(1, 9))
    HouseholdType.objects.bulk_create(HouseholdType(county=county, name=name) for name in TYPES)
    Cadre.objects.bulk_create(
        Cadre(county=county, cadre_no=f"GB{n + 1:06d}", name=f"干部{n + 1}") for n in range(CADRES)
    )


def measure(what: str, file: str) -> dict[str, float]:
    """CPU seconds and peak memory of one import in this process."""
    import django

    django.setup()
    import python_calamine  # noqa: F401  # modules are loaded once per process too, on both sides

    from ledger.importing import batches  # noqa: F401
    from ledger.models import Household
    from ledger.rules.pinyin import pinyin_key

    pinyin_key("热身")  # the dictionary is loaded once per process
    act = {"floor": floor, "floor_again": floor_again, "ours": ours, "ours_again": ours}[what]
    server = _server()
    small = _peak(resource.RUSAGE_SELF)
    before = _cpu(server)
    act(file)
    used = _cpu(server) - before
    assert Household.objects.count() == ROWS
    return {"cpu": used, "mib": max(_peak(resource.RUSAGE_SELF), small + _peak(resource.RUSAGE_CHILDREN))}


def _peak(who: int) -> float:
    """The most memory so far of this process, or of the largest that it started, in MiB."""
    return resource.getrusage(who).ru_maxrss / 1024


def _cpu(server: Path | None) -> float:
    """Seconds so far of this process, of those it started, and of the database's process that serves it."""
    ours = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    used = sum(times.ru_utime + times.ru_stime for times in ours)
    return used + (int(server.read_text(encoding="ascii").split()[0]) / 1e9 if server else 0)


def _server() -> Path | None:
    """Where the system counts the nanoseconds of PostgreSQL's process for this connection; None on SQLite."""
    from django.db import connection

    if connection.vendor == "sqlite":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return Path(f"/proc/{cursor.fetchone()[0]}/schedstat")


def ours(file: str) -> None:
    from ledger.importing.batches import import_at_once
    from ledger.models import Township

    townships = Township.objects.select_related("county")
    import_at_once(by="system", townships=townships, file_name="roster.xlsx", data=Path(file).read_bytes())


def checked(file: str) -> list[tuple[Any, ...]]:
    """Every row with ids for names, its numbers valid, its indexes made."""
    from python_calamine import CalamineWorkbook

    from ledger.models import Cadre, Group, HouseholdType, Village
    from ledger.models.number_indexes import index_keys
    from ledger.rules.days import local_today
    from ledger.rules.identity import id_fault, normalise_id
    from ledger.rules.phones import normalise_phone, phone_fault

    villages = {
        (t, n): (pk, town)
        for pk, town, t, n in Village.objects.values_list("pk", "township_id", "township__name", "name")
    }
    groups = {(v, f"第{n}村民小组"): pk for pk, v, n in Group.objects.values_list("pk", "village_id", "number")}
    types = dict(HouseholdType.objects.values_list("name", "pk"))
    cadres = dict(Cadre.objects.values_list("cadre_no", "pk"))
    keys = index_keys()
    rows = iter(CalamineWorkbook.from_path(file).get_sheet_by_index(0).iter_rows())
    next(rows)
    today, seen_ids, seen_codes, found = local_today(), set(), set(), []
    for town, name, group, code, head, number, phone, people, address, kind, cadre in rows:
        village, township = villages[town, name]
        number, phone, population = normalise_id(number), normalise_phone(phone), int(people)
        key = (village, code)
        if (
            id_fault(number, today) or phone_fault(phone) or number in seen_ids or key in seen_codes or not head
            or len(head) > 50 or len(address) > 200 or not 0 < population <= 30
        ):  # fmt: skip
            raise SystemExit(f"bad row {code}")
        seen_ids.add(number)
        seen_codes.add(key)
        found.append((village, township, groups[village, group], code, head, number, keys.id_index(number), phone,
                      keys.phone_index(phone), population, address, types[kind], cadres[cadre]))  # fmt: skip
    return found


def floor(file: str) -> None:
    """Straight into the tables with the driver's own bulk statement."""
    from django.db import transaction

    from ledger.actions.audit import record
    from ledger.importing.apply import _HOUSEHOLD, _RESIDENT
    from ledger.importing.kept_rows import ROW
    from ledger.importing.writing import insert, now_stored, reserve
    from ledger.models import (
        Assignment,
        Household,
        HouseholdCode,
        ImportBatch,
        ImportRow,
        Resident,
        StatusPeriod,
    )
    from ledger.rules.days import local_today
    from ledger.rules.identity import birth_date, gender
    from ledger.rules.keyring import encrypt
    from ledger.rules.pinyin import initials, pinyin_key

    rows, now, day = checked(file), now_stored(), local_today().isoformat()
    encode = json.JSONEncoder(ensure_ascii=False).encode
    names: dict[str, tuple[str, str]] = {}
    households, residents, codes, statuses, assignments, kinds, kept = [], [], [], [], [], [], []
    with transaction.atomic():
        batch = ImportBatch.objects.create(file_name="roster.xlsx")
        keys, heads = reserve(Household, len(rows)), reserve(Resident, len(rows))
        for pk, head_pk, row in zip(keys, heads, rows, strict=True):
            village, town, group, code, head, number, idx, phone, pidx, people, address, kind, cadre = row
            pinyin = names.get(head) or names.setdefault(head, (pinyin_key(head), initials(head)))
            households.append((pk, village, group, code, False, address, people, None, "", "active", head, *pinyin,
                               cadre, 0, 1, now, now))  # fmt: skip
            residents.append((head_pk, pk, town, head, *pinyin, "head", "户主", gender(number).value,
                              birth_date(number).isoformat(), encrypt("resident.id_no", number), idx, "",
                              encrypt("resident.phone", phone), pidx, "", "", 1))  # fmt: skip
            codes.append((pk, code, day))
            statuses.append((pk, "active", "", day))
            assignments.append((pk, cadre, "", day))
            kinds.append((pk, kind))
            values = encrypt(
                "import.values", encode({"head": head, "id_no": number, "phone": phone, "address": address})
            )
            kept.append((batch.pk, "户册", 0, "households", "created", "[]", "[]", head, values, "", pk, None))
        insert(Household, _HOUSEHOLD, households)
        insert(Resident, _RESIDENT, residents)
        insert(HouseholdCode, ("household_id", "code", "start_on"), codes)
        insert(StatusPeriod, ("household_id", "status", "reason", "start_on"), statuses)
        insert(Assignment, ("household_id", "cadre_id", "reason", "start_on"), assignments)
        insert(Household.types.through, ("household_id", "householdtype_id"), kinds)
        insert(ImportRow, ROW[:-1], kept)
        record(verb="import.applied", by="system", obj=batch, detail={})


def floor_again(file: str) -> None:
    """Parse, check and compare with what is stored."""
    from ledger.models import Household, Resident

    columns = ("village_id", "code", "group_id", "head_name", "population", "address", "cadre_id", "pk")
    stored = {row[:2]: row[2:] for row in Household.objects.order_by().values_list(*columns)}
    kinds = dict(Household.types.through.objects.values_list("household_id", "householdtype_id"))
    numbers = Resident.objects.order_by().values_list("household_id", "id_index", "phone_index")
    heads = {h: (i, p) for h, i, p in numbers}
    for village, _t, group, code, head, _n, idx, _p, pidx, people, address, kind, cadre in checked(file):
        known = stored[village, code]
        if (
            known[:-1] != (group, head, people, address, cadre)
            or kinds[known[-1]] != kind
            or heads[known[-1]] != (idx, pidx)
        ):
            raise SystemExit(f"{code} differs")


def main() -> int:
    from benchmarks.databases import databases, run, table

    code = 0
    with databases() as sources:
        for name, source in sources.items():
            file = source.folder / "roster.xlsx"
            if not file.exists():
                make_file(file)
            found: dict[str, list[dict[str, float]]] = {}
            for turn in range(ROUNDS):
                for who in ("floor", "ours"):
                    env = source.environment(f"import_{who}{turn}")
                    run("manage.py", "migrate", "--verbosity", 0, env=env)
                    run("-m", "benchmarks.import_bench", "--places", env=env)
                    for what in (who, f"{who}_again"):
                        said = run("-m", "benchmarks.import_bench", "--measure", what, file, env=env)
                        found.setdefault(what, []).append(json.loads(said))
            lines: list[list[object]] = []
            for label, end in (("import", ""), ("again", "_again")):
                base, mine = found[f"floor{end}"], found[f"ours{end}"]
                ratio = statistics.median(b["cpu"] / a["cpu"] for a, b in zip(base, mine, strict=True))
                code |= ratio > MOST[label]
                cpu = [f"{statistics.median(r['cpu'] for r in runs):.2f}" for runs in (base, mine)]
                peaks = [statistics.median(r["mib"] for r in runs) for runs in (base, mine)]
                memory = peaks[1] / peaks[0]
                code |= memory > MOST_MEMORY
                mib = [f"{peak:.0f}" for peak in peaks]
                lines.append([label, *cpu, f"{ratio:.2f}", MOST[label], *mib, f"{memory:.2f}", MOST_MEMORY])
            print(f"{name}, {ROWS:,} rows")
            head = ["", "floor CPU s", "ours CPU s", "ratio", "at most", "floor MiB", "ours MiB", "ratio", "at most"]
            table(head, lines)
    return code


if __name__ == "__main__":
    if "--measure" in sys.argv:
        print(json.dumps(measure(*sys.argv[-2:])))
    elif "--places" in sys.argv:
        import django

        django.setup()
        make_places()
    else:
        sys.exit(main())
