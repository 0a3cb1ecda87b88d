"""A supplementary roster that the township handed in: three of its rows wait for a decision."""

import csv
import io

from ledger.demonstration.homes import Home
from ledger.demonstration.places import Town
from ledger.importing.batches import import_at_once
from ledger.models import Posting
from ledger.rules.permissions import Role

FILE = "农户信息补充表.csv"
HEADINGS = ("村", "村民组", "户编号", "户主姓名", "身份证号", "手机号", "人口数", "家庭住址")


def hand_in_supplement(town: Town, homes: list[Home]) -> None:
    """A household that moved to the next village, one whose head changed, one that is perhaps there twice."""
    own = [home for home in homes if home.place in town.places and home.is_there and len(home.residents) > 1]
    moved = own[0]
    next_village = next(home.row.village for home in own if home.row.village_id != moved.row.village_id)
    changed, twice = [home for home in own if home.row.village_id == moved.row.village_id][1:3]
    rows = [
        _cells(moved) | {
            "村": next_village.name, "村民组": "3组", "户编号": "BC-0107", "家庭住址": f"{next_village.name}安置区6栋",
        },
        _cells(changed) | {"户主姓名": changed.residents[1].name, "身份证号": changed.residents[1].id_no, "手机号": ""},
        _cells(twice) | {"户编号": "", "身份证号": "", "人口数": len(twice.residents) + 1},
    ]  # fmt: skip
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADINGS)
    writer.writeheader()
    writer.writerows(rows)
    admins = Posting.objects.filter(role=Role.TOWNSHIP_ADMIN, township=town.township, end_on=None)
    admin = admins.select_related("cadre__user").order_by("pk")[0].cadre.user
    import_at_once(by=admin, townships=[town.township], file_name=FILE, data=out.getvalue().encode())


def _cells(home: Home) -> dict[str, object]:
    head, row = home.residents[0], home.row
    return {
        "村": row.village.name, "村民组": f"{row.group.number}组" if row.group else "", "户编号": row.code,
        "户主姓名": row.head_name, "身份证号": head.id_no, "手机号": head.phone, "人口数": row.population,
        "家庭住址": row.address,
    }  # fmt: skip
