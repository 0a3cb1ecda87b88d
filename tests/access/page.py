"""docs/permissions.md: the matrix as a page that people read, and read back so that each run is held to it."""

from collections.abc import Mapping

from django.utils import translation

from ledger.rules.permissions import Role
from tests.access.actors import COUNTY, DISTRICT, TOWNSHIP, VILLAGE
from tests.access.matrix import LETS_IN, REFUSES
from tests.access.purposes import PURPOSES

Met = Mapping[tuple[str, str], Mapping[str, str]]
METHODS = {"GET": "看", "POST": "办"}
REACH = {COUNTY: "全县", TOWNSHIP: "本镇", DISTRICT: "本片", VILLAGE: "本村"}
OWN_WORDS = {Role.HOUSEHOLD_CADRE: "联系户", Role.DEPARTMENT_HANDLER: "承办"}
YES, FOR_CAUSE = "✓", "△"
HEAD = """# 权限表

本页由 `scripts/permissions.py` 根据全部网址实测打印，请勿手改。
每次测试都与实测结果核对（`tests/guards/test_access_matrix.py`）。

怎样读：一行是一个网址的一种操作（看＝打开，办＝提交），一列是一个角色。

| 记号 | 意思 |
| --- | --- |
| 全县、本镇、本片、本村 | 只到这个范围；范围以外的与不存在的回答完全一样 |
| 联系户、承办 | 只到自己的联系户；只到交给本单位的事项 |
| ✓ | 可以用；页面上只有本人范围内的内容 |
| △ | 范围内看得见，但这一步要看事项的状态和本人在其中的身份 |
| 空白 | 没有这项权限 |

- 未登录的、账号已停用的：除登录、语言、退出和运行状态几页外，一律转到登录页。
- 没有任职也没有联系户的：什么都看不到。
- 昨天由甲镇调到乙镇的：今天起甲镇的内容对其不存在，只有乙镇的。
- 外县、外镇同一角色的人来看本地的内容：与不存在一样。

实测的位置：本村、同一管区的邻村、同镇另一管区的村、同县另一乡镇、另一个县；{count} 个网址，{pairs} 种操作。

**In English.** Printed from what every route answered, compared in every test run. A row is one action on one
address (看 opens it, 办 submits it), a column is a role: {roles}.
How far it reaches: 全县 the county, 本镇 the township, 本片 the district, 本村 the village, 联系户 one's own
households, 承办 matters given to one's unit; beyond it everything answers as if it did not exist. ✓ may be used,
with what lies in one's scope on it; △ is seen, but the step depends on the matter's state and one's part in it;
blank: no permission. Who is not signed in, or whose account is closed, sees the sign-in page; who holds no posting
sees nothing; who was moved yesterday has only the new place.
"""


def reach(role: str, met: Mapping[str, str]) -> str:
    """One cell: how far the role gets with one method of one route."""
    for word, mark in ((LETS_IN, ""), (REFUSES, FOR_CAUSE)):
        places = frozenset(place for place, what in met.items() if what == word)
        if places:
            near = OWN_WORDS.get(Role(role)) if places == VILLAGE else None
            return mark + (near or REACH.get(places) or "、".join(sorted(places)))
    return ""


def cells(role: str, met: Met, with_id: frozenset[str]) -> dict[tuple[str, str], str]:
    """One column of the page: (route, method) → what stands there."""
    found = {}
    for (name, method), places in met.items():
        plain = YES if places.get("own") == LETS_IN else FOR_CAUSE if places.get("own") == REFUSES else ""
        found[name, method] = reach(role, places) if name in with_id else plain
    return found


def printed(columns: Mapping[str, Mapping[tuple[str, str], str]]) -> str:
    """The whole page from the columns of all roles."""
    pairs = list(next(iter(columns.values())))
    with translation.override("zh-hans"):
        names = [str(Role(role).label) for role in columns]
    with translation.override("en"):
        roles = ", ".join(f"{name} {Role(role).label}" for name, role in zip(names, columns, strict=True))
    text = [HEAD.format(count=len({name for name, _method in pairs}), pairs=len(pairs), roles=roles)]
    for title, rows in PURPOSES.items():
        text += [f"## {title}\n", f"| 网址 | 用途 | 操作 | {' | '.join(names)} |", f"|{' --- |' * (len(names) + 3)}"]
        for name, purpose in rows.items():
            for method in sorted(method for found, method in pairs if found == name):
                line = [columns[role].get((name, method), "") for role in columns]
                text.append(f"| `{name}` | {purpose} | {METHODS[method]} | {' | '.join(line)} |")
        text.append("")
    return "\n".join(text)


def read_back(text: str) -> dict[str, dict[tuple[str, str], str]]:
    """What the page says: role → (route, method) → cell."""
    with translation.override("zh-hans"):
        by_name = {str(role.label): str(role) for role in Role}
    word = {shown: method for method, shown in METHODS.items()}
    said: dict[str, dict[tuple[str, str], str]] = {str(role): {} for role in Role}
    columns: list[str] = []
    for line in text.splitlines():
        parts = [part.strip() for part in line.strip().strip("|").split("|")] if line.startswith("|") else []
        if parts[:1] == ["网址"]:
            columns = [by_name[name] for name in parts[3:]]
        elif parts and parts[0].startswith("`"):
            # A row of blanks loses them at its end to strip().
            shown = [part.strip() for part in line.split("|")[4:-1]]
            for role, cell in zip(columns, shown, strict=True):
                said[role][parts[0].strip("`"), word[parts[2]]] = cell
    return said
