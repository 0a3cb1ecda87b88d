"""Rosters as township offices keep them, each with what a person reads in it: written for these tests, by hand."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.importing.workbooks import GOOD_ID, OTHER_ID, THIRD_ID, saved

HEADS = ["所属村", "组别", "户主姓名", "身份证号", "联系电话", "人口"]
A = ["六龙社区", "一组", "李彩阿", GOOD_ID, "19900001585", 2]
B = ["绿化村", "第2村民小组", "王芳", OTHER_ID, "13800001234", 5]
C = ["花苑村", "3社", "欧阳雪", THIRD_ID, "15900002345", 7]
VALUES: dict[str, list[Any]] = {
    "village": ["六龙社区", "绿化村", "花苑村"], "group": [1, 2, 3], "head": ["李彩阿", "王芳", "欧阳雪"],
    "id_no": [GOOD_ID, OTHER_ID, THIRD_ID], "phone": ["19900001585", "13800001234", "15900002345"],
    "population": [2, 5, 7],
}  # fmt: skip
Told = dict[str, Any]


def people(**changes: Any) -> list[Told]:
    """The three households; a list in ``changes`` gives one field of each of them."""
    rows = [{name: values[n] for name, values in VALUES.items()} for n in range(3)]
    for name, values in changes.items():
        for row, value in zip(rows, values if isinstance(values, list) else [values] * 3, strict=True):
            row[name] = value
    return rows


@dataclass(frozen=True)
class Messy:
    """One file and the rows a person would take from it (field → value; ``codes`` where something is told)."""

    data: bytes
    rows: list[Told] = field(default_factory=people)
    asked: bool = False
    """Whether somebody has to be asked about its columns first."""
    members: int = 0
    refused: str = ""


def sheet_of(*rows: list[Any], name: str = "Sheet1") -> Worksheet:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = name
    for row in rows:
        sheet.append(row)
    return sheet


def data_of(sheet: Worksheet) -> bytes:
    book = sheet.parent
    assert isinstance(book, Workbook)
    return saved(book)


MESSY: dict[str, Callable[[], Messy]] = {}


def messy(make: Callable[[], Messy]) -> Callable[[], Messy]:
    MESSY[make.__name__] = make
    return make


@messy
def headings_of_two_rows_merged() -> Messy:
    sheet = sheet_of(
        ["洛社镇农户信息采集表"],
        ["序号", "村", "组", "户主信息", None, None, "家庭人口", "包户干部", None],
        [None, None, None, "姓名", "身份证号码", "联系方式", None, "姓名", "电话"],
        [1, *A[:5], 2, "林志强", "13911112222"], [2, *B[:5], 5, "钱多多", "13911113333"], [3, *C[:5], 7, "", ""],
    )  # fmt: skip
    for cells in ("A1:I1", "A2:A3", "B2:B3", "C2:C3", "D2:F2", "G2:G3", "H2:I2"):
        sheet.merge_cells(cells)
    return Messy(data_of(sheet), people(cadre_name=["林志强", "钱多多", ""]))


@messy
def headings_in_row_six_under_notes() -> Messy:
    return Messy(data_of(sheet_of(
        ["洛社镇2026年度农户台账"], ["填报单位：洛社镇人民政府", None, None, None, "填报日期：2026年3月1日"],
        ["填表说明："], ["1. 身份证号必须为18位；2. 联系电话填手机号。"], [], HEADS, A, B, C,
    )))  # fmt: skip


@messy
def a_second_table_below_with_the_same_headings() -> Messy:
    return Messy(data_of(sheet_of(["一、六龙社区"], HEADS, A, [], ["二、其他村"], HEADS, B, C)))


@messy
def a_second_table_below_with_other_columns() -> Messy:
    """Read by the headings above them its values would stand in wrong fields."""
    other = ["户主姓名", "所属村", "组别", "联系电话", "身份证号", "人口"]
    return Messy(
        data_of(sheet_of(HEADS, A, B, [], other, ["欧阳雪", "花苑村", "3社", "15900002345", THIRD_ID, 7])),
    )


@messy
def numbers_as_text_with_apostrophes() -> Messy:
    rows = [[*r[:3], f"'{r[3]}", f"'{r[4]}", f"'{r[5]}"] for r in (A, B, C)]
    return Messy(data_of(sheet_of(HEADS, *rows)))


@messy
def ids_with_blanks_and_wide_digits() -> Messy:
    spaced = f"{GOOD_ID[:6]} {GOOD_ID[6:14]} {GOOD_ID[14:]}"
    wide = OTHER_ID.translate(str.maketrans("0123456789X", "０１２３４５６７８９ｘ"))
    return Messy(data_of(sheet_of(HEADS, [*A[:3], spaced, *A[4:]], [*B[:3], wide, *B[4:]],
                                  [*C[:3], f"{THIRD_ID}\u00a0\t", *C[4:]])))  # fmt: skip


@messy
def an_id_of_fifteen_digits() -> Messy:
    old = GOOD_ID[:6] + GOOD_ID[8:17]
    rows = people()
    rows[0] = {"codes": {"id_old_15"}}
    return Messy(data_of(sheet_of(HEADS, [*A[:3], old, *A[4:]], B, C)), rows)


@messy
def an_id_that_became_a_number() -> Messy:
    rows = people()
    rows[0] = {"codes": {"id_precision_lost"}}
    return Messy(data_of(sheet_of(HEADS, [*A[:3], float(GOOD_ID), *A[4:]], B, C)), rows)


@messy
def phones_of_every_kind() -> Messy:
    phones = ["+86 199-0000-1585", "0510-83312345", "13800001234/15900002345"]
    kept = ["19900001585", "0510-83312345", "13800001234"]
    return Messy(
        data_of(sheet_of(HEADS, *([*r[:4], p, r[5]] for r, p in zip((A, B, C), phones, strict=True)))),
        people(phone=kept, told=["", "", "phone_invalid"]),
    )


@messy
def two_phones_with_a_break() -> Messy:
    return Messy(data_of(sheet_of(HEADS, [*A[:4], "19900001585\n13800009999", 2], B, C)),
                 people(told=["phone_invalid", "", ""]))  # fmt: skip


@messy
def days_written_in_five_ways() -> Messy:
    days = [date(2020, 3, 1), "2020.3.1", "2020年3月1日"]
    more = ["2020/03/01", 43891, "20200301"]
    heads = [*HEADS, "建档日期", "包户时间"]
    rows = [[*r, d, m] for r, d, m in zip((A, B, C), days, more, strict=True)]
    return Messy(data_of(sheet_of(heads, *rows)), people(since="2020-03-01", assigned_on="2020-03-01"))


@messy
def villages_by_other_names() -> Messy:
    names = ["洛社镇六龙社区居委会", "绿化村村民委员会", "惠山区洛社镇花苑"]
    return Messy(data_of(sheet_of(HEADS, *([n, *r[1:]] for n, r in zip(names, (A, B, C), strict=True)))))


@messy
def villages_of_one_stem() -> Messy:
    rows = people()
    rows[0] = {"codes": {"village_ambiguous"}}
    return Messy(data_of(sheet_of(HEADS, ["新桥", *A[1:]], B, C)), rows)


@messy
def groups_in_words() -> Messy:
    groups = ["一组", "第2村民小组", "3社"]
    return Messy(data_of(sheet_of(HEADS, *([r[0], g, *r[2:]] for g, r in zip(groups, (A, B, C), strict=True)))))


@messy
def totals_of_every_page() -> Messy:
    return Messy(data_of(sheet_of(
        HEADS, A, ["本页小计", None, "1户", None, None, 2], B, C, ["小计", "", "2户", "", "", 12],
        ["合计：", "", 3, "", "", 14], ["总 计", None, None, None, None, 14], ["累计", "", "3户"],
    )))  # fmt: skip


@messy
def signatures_at_the_foot() -> Messy:
    return Messy(data_of(sheet_of(
        HEADS, A, B, C, [], ["填表人：林志强", None, None, "审核人：钱多多", None, "2026年3月1日"],
        ["单位负责人（签字）：", None, "单位（盖章）："], ["注：本表一式三份"],
    )))  # fmt: skip


@messy
def hidden_columns_and_rows() -> Messy:
    sheet = sheet_of(["内部编号", *HEADS], ["x1", *A], ["x2", *B], ["x3", *C])
    sheet.column_dimensions["A"].hidden = True
    sheet.row_dimensions[3].hidden = True
    return Messy(data_of(sheet), people(told=["", "hidden_row", ""]), asked=True)


@messy
def rows_out_of_sight_of_a_filter() -> Messy:
    sheet = sheet_of(HEADS, A, B, C)
    sheet.auto_filter.ref = "A1:F4"
    sheet.auto_filter.add_filter_column(0, ["六龙社区"])
    for row in (3, 4):
        sheet.row_dimensions[row].hidden = True
    return Messy(data_of(sheet), people(told=["", "hidden_row", "hidden_row"]))


@messy
def a_formula_without_its_value() -> Messy:
    rows = people()
    rows[0] = {"codes": {"formula_no_value"}}
    return Messy(data_of(sheet_of(HEADS, [*A[:5], "=1+1"], B, C)), rows)


@messy
def semicolons() -> Messy:
    text = "\r\n".join(";".join(map(str, row)) for row in (HEADS, A, B, C))
    return Messy(text.encode("gbk"))


@messy
def tabs_in_utf_16() -> Messy:
    text = "\r\n".join("\t".join(map(str, row)) for row in (HEADS, A, B, C))
    return Messy(text.encode("utf-16"))


@messy
def quotes_and_breaks_in_a_csv() -> Messy:
    text = ",".join([*HEADS, "备注"]) + '\n六龙社区,一组,李彩阿,"' + GOOD_ID + '\t",19900001585,2,"说""好""的,\n两行"\n'
    text += ",".join([*map(str, B), "无"]) + "\n" + ",".join([*map(str, C), ""])
    return Messy(text.encode("utf-8-sig"), people(remark=['说"好"的,\n两行', "无", ""]))


@messy
def xml_of_2003() -> Messy:
    def cells(row: list[Any]) -> str:
        return "".join(f'<Cell><Data ss:Type="String">{cell}</Data></Cell>' for cell in row)

    rows = "".join(f"<Row>{cells(row)}</Row>" for row in (HEADS, A, B, C))
    return Messy((
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        f'<Worksheet ss:Name="台账"><Table>{rows}</Table></Worksheet></Workbook>'
    ).encode())  # fmt: skip


@messy
def a_web_page_called_xls() -> Messy:
    rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in (HEADS, A, B, C))
    return Messy(f'<html><meta charset="gb2312"><table>{rows}</table></html>'.encode("gbk"))


@messy
def people_in_flat_rows() -> Messy:
    """Household and members in one list: each head is a household and every other row a person."""
    heads = ["村", "户编号", "户主姓名", "姓名", "与户主关系", "身份证号"]
    return Messy(data_of(sheet_of(
        heads, ["六龙社区", "H1", "李彩阿", "李彩阿", "户主", GOOD_ID],
        ["六龙社区", "H1", "李彩阿", "王芳", "妻", OTHER_ID],
        ["六龙社区", "H2", "欧阳雪", "欧阳雪", "户主", THIRD_ID],
    )), [{"village": "六龙社区", "head": "李彩阿", "id_no": GOOD_ID},
         {"village": "六龙社区", "head": "欧阳雪", "id_no": THIRD_ID}], members=1)  # fmt: skip


@messy
def heads_of_members_beside_them() -> Messy:
    """A band of headings 家庭成员 next to 户主信息: the member's columns are none of the head's."""
    sheet = sheet_of(
        ["村", "组", "户主信息", None, None, "家庭成员", None, None],
        [None, None, "姓名", "身份证号", "电话", "姓名", "关系", "身份证号"],
        [*A[:5], "李小", "子", ""], [*B[:5], "", "", ""], [*C[:5], "欧阳小", "女", ""],
    )  # fmt: skip
    for cells in ("A1:A2", "B1:B2", "C1:E1", "F1:H1"):
        sheet.merge_cells(cells)
    return Messy(data_of(sheet), [], asked=True, members=3)


@messy
def a_table_of_something_else_below() -> Messy:
    """Read by the headings above, a contact would be a household and a mobile an ID number."""
    contacts = [["干部姓名", "工号", "所属村", "单位", "备注"], ["林志强", "LS001", "六龙社区", "党政办", "镇干部"]]
    return Messy(data_of(sheet_of(HEADS, A, B, C, [], *contacts)))


@messy
def a_village_named_once_for_many() -> Messy:
    sheet = sheet_of(HEADS, A, ["", *B[1:]], ["", *C[1:]])
    sheet.merge_cells("A2:A4")
    return Messy(data_of(sheet), people(village="六龙社区"))


@messy
def a_village_named_once_and_not_merged() -> Messy:
    out = io.StringIO()
    for row in (HEADS, A, ["", *B[1:]], ["", *C[1:]]):
        out.write(",".join(map(str, row)) + "\n")
    return Messy(out.getvalue().encode(), people(village="六龙社区"))


@messy
def no_village_but_in_the_title() -> Messy:
    rows = [r[1:] for r in (A, B, C)]
    return Messy(data_of(sheet_of(["洛社镇花苑村农户花名册"], HEADS[1:], *rows)), people(village="花苑村"))


@messy
def a_bank_card_is_no_id_and_a_clerk_no_head() -> Messy:
    heads = [*HEADS, "银行卡号", "填报人", "村支书", "配偶姓名", "配偶身份证号"]
    rows = [[*r, "6228480000000000018", "林志强", "钱书记", "某人", ""] for r in (A, B, C)]
    return Messy(data_of(sheet_of(heads, *rows)), asked=True)


@messy
def headings_with_blanks_stars_and_notes() -> Messy:
    heads = ["所 属 村*", "组 别", "户 主\n姓 名", "身份证号码（18位）", "联系电话(必填)", "家庭人口数（人）"]
    return Messy(data_of(sheet_of(heads, A, B, C)))


@messy
def a_formula_that_is_text() -> Messy:
    text = ",".join(HEADS) + f'\n六龙社区,一组,李彩阿,"=""{GOOD_ID}""",19900001585,2\n'
    text += "\n".join(",".join(map(str, row)) for row in (B, C))
    return Messy(text.encode("gb18030"))


@messy
def population_with_its_unit() -> Messy:
    units = ["2人", "５", "七口人"]
    return Messy(data_of(sheet_of(HEADS, *([*r[:5], u] for r, u in zip((A, B, C), units, strict=True)))))


@messy
def an_empty_column_and_empty_rows_between() -> Messy:
    rows = [[r[0], None, *r[1:]] for r in (A, B, C)]
    return Messy(data_of(sheet_of([], [HEADS[0], None, *HEADS[1:]], [], rows[0], [], [None] * 7, rows[1], [], rows[2])))
