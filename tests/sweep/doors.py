"""Every door a resident's number comes in by, each gone through with canaries: forms, rosters, proposals, searches.

Whatever comes back is looked at: a number stands in no answer but in a form that is given back for correction, to who
typed it in that very request, and in the answers that are there to say one.
"""

import io
import re
from collections.abc import Iterator
from typing import Any

from openpyxl import Workbook

from tests.drill import times
from tests.sweep.browser import Browser, Page
from tests.sweep.numbers import found

REASON = "核对材料"
PAGES = (
    "/", "/today/", "/desk/", "/households/", "/issues/", "/visits/", "/corrections/", "/corrections/?state=decided",
    "/dashboard/", "/imports/", "/imports/1/", "/audit/", "/setup/", "/setup/cadres/", "/account/me/", "/visits/new/",
    "/issues/new/",
)  # fmt: skip


class Doors:
    """Goes through all of them; ``leaks`` says what came back that must not, ``shown`` what was revealed."""

    def __init__(self, port: int, place: dict[str, Any], ids: list[str], phones: list[str]) -> None:
        self.port, self.place = port, place
        self.canaries = {*ids, *phones}
        self.ids, self.phones = iter(ids), iter(phones)
        self.people = {key: Browser(port, cookies) for key, cookies in place["cookies"].items()}
        self.leaks: list[str] = []
        self.shown: list[str] = []
        self.used: set[str] = set()

    def an_id(self) -> str:
        return self._next(self.ids)

    def a_phone(self) -> str:
        return self._next(self.phones)

    def _next(self, numbers: Iterator[str]) -> str:
        number = next(numbers)
        self.used.add(number)
        return number

    def look(self, what: str, page: Page, *, typed: tuple[str, ...] = (), refused: bool = False) -> Page:
        """What may stand in an answer: nothing; what was typed in this request if the form came back refused."""
        here = found(page.whole, self.canaries)
        allowed = set(typed) if refused and page.status in (200, 400, 409) else set()
        if here - allowed:
            self.leaks.append(f"{what} ({page.status}): {sorted(here - allowed)[:3]}")
        return page

    def expect(self, what: str, page: Page, *statuses: int) -> Page:
        """The door was open: otherwise nothing went through it, and the sweep would prove nothing."""
        said = re.sub(r"<[^>]+>|\s+", " ", page.body.decode())
        assert page.status in statuses, f"{what}: {page.status} {said[:900]}"
        return page

    def roster(self, rows: int) -> None:
        """A roster with good rows, rows that are refused, cells with two numbers, a sheet of members; applied."""
        admin = self.people["township_admin"]
        page = admin.get("/imports/new/")
        sent: dict[str, Any] = {"client_id": page.hidden["client_id"], "townships": self.place["township"]}
        files = {"file": ("名册.xlsx", self._workbook(rows))}
        answer = self.look("roster", admin.post("/imports/new/", sent, files))
        batch = self.expect("roster", answer, 302).location
        plan = self.look("plan", self.expect("plan", admin.get(batch), 200))
        self.look("refused rows", admin.get(f"{batch}?outcome=refused"))
        applied = admin.post(f"{batch}apply/", {"version": plan.hidden["version"]})
        self.look("apply", self.expect("apply", applied, 302))
        for page_number in range(1, 6):
            self.look("report", admin.get(f"{batch}?page={page_number}"))
        for kind, content in (("坏.xlsx", b"PK\x03\x04 " + self.an_id().encode()), ("坏.csv", self.an_id().encode())):
            sent["client_id"] = admin.get("/imports/new/").hidden["client_id"]
            answer = self.look("broken roster", admin.post("/imports/new/", sent, {"file": (kind, content)}))
            if answer.status == 302:
                self.look("broken roster", admin.get(answer.location))

    def _workbook(self, rows: int) -> bytes:
        book = Workbook()
        sheet = book.active
        sheet.append(["村", "村民组", "户编号", "户主姓名", "身份证号", "手机号", "人口数"])
        village = self.place["village_name"]
        for n in range(rows):
            number, phone = self.an_id(), self.a_phone()
            if n % 20 == 1:
                phone = f"{phone}/{self.a_phone()}"  # two in a cell
            if n % 20 == 2:
                sheet.append([village, 1, f"T{n:04}", f"重号{n}", number, "", 3])  # the same number again
            sheet.append(["没有的村" if n % 20 == 3 else village, 1, f"S{n:04}", f"来人{n}", number, phone, 3])
            if n % 20 == 4:
                sheet.append([village, 1, f"U{n:04}", number, self.an_id(), phone, 3])  # a number for a name
                sheet.append([village, 1, self.an_id(), f"同号{n}", "", self.a_phone(), 3])  # and for a code
        members = book.create_sheet("成员")
        members.append(["户编号", "户主姓名", "姓名", "与户主关系", "身份证号", "手机号"])
        for n in range(5, rows, 5):
            members.append([f"S{n:04}", f"来人{n}", f"家人{n}", "之妻", self.an_id(), self.a_phone()])
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()

    def households(self, count: int) -> None:
        admin, url = self.people["township_admin"], f"/households/new/?village={self.place['village']}"
        for n in range(count):
            number, phone = self.an_id(), self.a_phone()
            form = {"name": f"新户{n}", "id_no": number, "phone": phone}
            answer = self.look("new household", admin.submit(url, form))
            self.expect("new household", answer, 302)
            for wrong in ({"name": number}, {"name": phone}, {"code": number}, {"code": phone}) if n % 5 == 0 else ():
                mixed = admin.submit(url, form | {"name": f"错{n}"} | wrong)
                self.look("a number in the wrong field", mixed, typed=(number, phone), refused=True)
            again = admin.submit(url, form | {"name": f"再来{n}"})
            self.look(
                "the same number again", self.expect("again", again, 200, 400), typed=(number, phone), refused=True
            )
            self.look("its page", admin.get(answer.location.replace("assign/", "")))

    def members(self, count: int) -> None:
        admin = self.people["township_admin"]
        for n in range(count):
            household = self.place["households"][n % len(self.place["households"])]
            number, phone = self.an_id(), self.a_phone()
            form = {"name": f"成员{n}", "relation": "other", "id_no": number, "phone": phone}
            answer = self.look("new member", admin.submit(f"/households/{household}/members/new/", form))
            self.expect("new member", answer, 302)
            resident = self.place["residents"][n % len(self.place["residents"])]
            url = f"/members/{resident}/edit/"
            relation = self._relation(admin.get(url))
            form = {"name": f"改名{n}", "relation": relation, "id_no": self.an_id(), "phone": self.a_phone()}
            stale = admin.get(url).hidden["version"]
            self.look("edited", self.expect("edited", admin.submit(url, form), 302))
            typed = (self.an_id(), self.a_phone())
            form |= {"version": stale, "id_no": typed[0], "phone": typed[1], "name": f"迟{n}"}
            self.look("stale edit", self.expect("stale", admin.post(url, form), 409), typed=typed, refused=True)
            form = {"name": "", "id_no": typed[0][:-1], "phone": typed[1]}
            self.look("wrong edit", admin.submit(url, form), typed=(typed[1],), refused=True)
            self.look("its form", admin.get(url))

    @staticmethod
    def _relation(page: Page) -> str:
        text = page.body.decode()
        chosen = re.search(r'name="relation"[^>]*value="(\w+)"[^>]*checked', text)
        return chosen[1] if chosen else "head"

    def proposals(self, count: int) -> None:
        cadre, admin = self.people["household_cadre"], self.people["township_admin"]
        for n in range(count):
            household = self.place["mine"][n % len(self.place["mine"])]
            form = {
                "name": f"漏登{n}",
                "relation": "other",
                "id_no": self.an_id(),
                "phone": self.a_phone(),
                "reason": REASON,
            }
            url = f"/households/{household}/correct/?member=new"
            self.look("proposal", self.expect("proposal", cadre.submit(url, form), 302))
            self.look("its household", cadre.get(f"/households/{household}/"))
        listed = self.look("proposals", admin.get("/corrections/")).body.decode()
        waiting = sorted(set(re.findall(r'href="(/corrections/\d+/)', listed)))
        assert waiting, "no proposal is listed"
        for n, url in enumerate(waiting):
            self.look("a proposal", admin.get(url))
            decided = admin.post(url, {"act": "refuse", "answer": "不对"} if n % 2 else {"act": "accept"})
            self.look("decided", self.expect("decided", decided, 302))

    def issues(self, count: int) -> None:
        cadre = self.people["household_cadre"]
        for n in range(count):
            household, phone = self.place["mine"][n % len(self.place["mine"])], self.a_phone()
            form = {"kind": "request", "category": self.place["category"], "title": f"事项{n}", "urgency": "normal",
                    "source": "visit", "raised_by_name": "某人", "raised_by_phone": phone}  # fmt: skip
            answer = self.look("issue", cadre.submit(f"/issues/new/?household={household}", form))
            page = self.look("its page", cadre.get(self.expect("issue", answer, 302).location))
            del page
            said = cadre.post(f"{answer.location.split('?')[0]}phone/", {})
            self._one(said, phone)

    def searches(self, count: int) -> None:
        """Full numbers asked for: sent, typed into the address, with separators, and those that nobody has."""
        for n in range(count):
            person = self.people[("township_admin", "household_cadre", "village_cadre")[n % 3]]
            number = self.an_id() if n % 2 else self.a_phone()
            typed = number if n % 4 < 2 else f"{number[:3]} {number[3:7]} {number[7:]}"
            asked = person.post("/households/", {"q": typed})
            self.look("search", asked)
            if asked.status == 302:
                self.look("what it found", person.get(asked.location))
            self.look("search in the address", person.get(f"/households/?q={number}"))
            for url in ("/issues/", "/visits/", "/desk/", "/today/", "/setup/cadres/", "/audit/"):
                self._only_in_the_box(person.get(f"{url}?q={number}"), number, url)
            self._only_in_the_box(person.get(f"/nowhere/{number}/"), number, "an address that is none")
            self.look(
                "a filter that is none",
                person.get(f"/households/?number={number}&order={number}"),
                typed=(number,),
                refused=True,
            )

    def _only_in_the_box(self, page: Page, number: str, what: str) -> None:
        """A search box may keep what was typed into it, for who typed it."""
        self.look(what, page, typed=(number,), refused=True)

    def strangers(self, count: int) -> None:
        """People who sign in with a resident's number for a name; forms without a token."""
        for _n in range(count):
            phone, number = self.a_phone(), self.an_id()
            outside = Browser(self.port)
            for login in (phone, number):
                page = outside.post("/account/login/", {"login": login, "password": number})
                self.look("sign-in", page, typed=(login,), refused=True)
            forged = Browser(self.port, {"csrftoken": "x" * 32, **self.place["cookies"]["township_admin"]})
            forged.cookies.pop("csrftoken")
            self.look("forged", forged._ask("POST", "/households/", f"q={number}".encode(), {}))

    def reveals(self, count: int) -> None:
        """One number each, exactly; with a number typed into the reason."""
        admin = self.people["township_admin"]
        for n in range(count):
            resident = self.place["residents"][n % len(self.place["residents"])]
            reason = f"电话 {self.a_phone()} 身份证 {self.an_id()}"
            page = admin.post(f"/members/{resident}/reveal/", {"field": ("phone", "id_no")[n % 2], "reason": reason})
            self._one(self.expect("reveal", page, 200))

    def _one(self, page: Page, number: str = "") -> None:
        here = sorted(found(page.whole, self.canaries))
        if len(here) > 1 or (number and here != [number]):
            self.leaks.append(f"an answer that says one number: {here[:3]}")
        self.shown += here

    def pages(self) -> None:
        """All the lists and pages of the people and households, as everybody sees them."""
        for key, person in self.people.items():
            for url in (
                *PAGES, *(f"/households/{pk}/" for pk in self.place["households"][: times(ci=1, drill=3)]),
                *(f"/members/{pk}/edit/" for pk in self.place["residents"][: times(ci=1, drill=2)]),
            ):  # fmt: skip
                self.look(f"{key} {url}", person.get(url))

    def orders(self) -> None:
        """No order, no prefix, no range: what an address asks of sealed columns changes nothing, or finds nothing."""
        admin = self.people["township_admin"]
        plain = self._rows(admin.get("/households/"))
        assert plain
        every = times(ci=3, drill=1)
        for turn, column in enumerate(("id_no", "phone", "id_index", "residents__phone_index")):
            for name in ("order", "ordering", "o", "sort", "after", "before")[turn % every :: every]:
                self._same(admin, plain, f"{name}=-{column}")
            for lookup in ("startswith", "contains", "gte", "in", "regex")[turn % every :: every]:
                self._same(admin, plain, f"{column}__{lookup}=3")
        for known in sorted(self.used)[:: times(ci=300, drill=90)]:
            for part in (known[:-1], known[:10], known[-4:], known[3:9]):
                for parameter in ("q", "number"):
                    assert self._rows(admin.get(f"/households/?{parameter}={part}")) == [], f"{parameter}={part}"

    def _same(self, person: Browser, plain: list[str], query: str) -> None:
        assert self._rows(person.get(f"/households/?{query}")) == plain, query

    @staticmethod
    def _rows(page: Page) -> list[str]:
        return re.findall(r'href="(/households/\d+/)"', page.body.decode())
