"""交办(转办)单 and 告知书: who prints what, under which number, with which phone; the templates a county edits."""

import io
from typing import Any
from urllib.parse import unquote

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from docx import Document

from ledger.exporting.default_papers import default_template
from ledger.models import AuditRow, CoveringCounter, CoveringDocument, Issue, PaperKind, PaperTemplate
from ledger.rules.days import local_today
from ledger.rules.issue_steps import Step
from ledger.rules.issues import State
from tests.exporting.hostile_templates import saying
from tests.exporting.test_word import words_of
from tests.issue_chain import advance, raise_issue, take
from tests.views.issue_pages import SignIn, detail, text_of
from tests.world import World

YEAR = local_today().year


def paper_url(issue: Issue, kind: str = "covering") -> str:
    return reverse("issue_paper", args=[issue.pk, kind])


def assigned(world: World, unit: str = "村镇建设办") -> Issue:
    issue = raise_issue(world, raised_by_phone="13812345678")
    return take(world, "district_secretary", issue, Step.ASSIGN, assignee=world.organisations[unit], text="请先去看")


def row(data: bytes, label: str) -> list[str]:
    """The cells of the row that begins with this label."""
    for each in Document(io.BytesIO(data)).tables[0].rows:
        cells = list({id(cell._tc): cell.text for cell in each.cells}.values())
        if label in cells:
            return cells
    raise AssertionError(label)


def test_it_gets_the_next_number_and_keeps_it(world: World, sign_in: SignIn) -> None:
    first, second = assigned(world), assigned(world)
    client = sign_in("district_secretary")
    answers = [client.post(paper_url(issue)) for issue in (first, second, first)]
    said = [row(answer.content, "编号")[1] for answer in answers]
    assert said == [f"康美交〔{YEAR}〕{n}号" for n in (1, 2, 1)]
    assert CoveringCounter.objects.get().last == 2
    name = unquote(answers[0]["Content-Disposition"])
    assert name == f"attachment; filename*=utf-8''交办单_{said[0]}_{first.printed_number}.docx"
    assert "no-store" in answers[0]["Cache-Control"]
    printed = AuditRow.objects.filter(verb="paper.printed").order_by("pk")
    assert [entry.detail["number"] for entry in printed] == said


def test_the_cells_say_what_the_matter_says(world: World, sign_in: SignIn) -> None:
    issue = assigned(world)
    take(world, "department_handler", issue, Step.ACCEPT)
    data = sign_in("district_secretary").post(paper_url(issue)).content
    assert row(data, "事项编号") == ["事项编号", issue.printed_number, "来源", "入户走访"]
    assert row(data, "反映人") == ["反映人", "城垵户主1", "电话", "138****5678"]
    assert row(data, "拟办意见") == ["拟办意见", "请先去看"]
    assert row(data, "牵头") == ["牵头", "村镇建设办", "协办", ""]
    assert row(data, "签收人")[1] == world.cadre("department_handler").name
    assert words_of(data).startswith("康美镇民情事项交办单")


def test_to_a_unit_outside_the_command_it_is_handed_on(world: World, sign_in: SignIn) -> None:
    issue = raise_issue(world)
    take(world, "township_desk", issue, Step.ASSIGN, assignee=world.organisations["派出所"])
    answer = sign_in("township_desk").post(paper_url(issue))
    assert words_of(answer.content).startswith("康美镇民情事项转办单")
    assert "转办单_康美交" in unquote(answer["Content-Disposition"])


def test_a_new_assignment_gets_a_new_number(world: World, sign_in: SignIn) -> None:
    issue = assigned(world)
    client = sign_in("district_secretary")
    client.post(paper_url(issue))
    issue.refresh_from_db()
    take(world, "department_handler", issue, Step.RETURN, text="不归我们")
    assert client.post(paper_url(issue)).status_code == 403
    issue.refresh_from_db()
    take(world, "district_secretary", issue, Step.ASSIGN, assignee=world.organisations["村镇建设办"])
    assert row(client.post(paper_url(issue)).content, "编号")[1] == f"康美交〔{YEAR}〕2号"


def test_the_full_phone_is_for_who_may_see_it_and_on_record(world: World, sign_in: SignIn) -> None:
    issue = assigned(world)
    handler = sign_in("department_handler")
    assert row(handler.post(paper_url(issue), {"with_phone": "1"}).content, "电话")[3] == "13812345678"
    assert AuditRow.objects.filter(verb="issue.phone_read", user_id=world.users["department_handler"].pk).count() == 1
    assert "13812345678" not in str(AuditRow.objects.get(verb="paper.printed").detail)
    for who in ("inspector", "township_leader"):
        assert row(sign_in(who).post(paper_url(issue), {"with_phone": "1"}).content, "电话")[3] == "138****5678", who


def test_who_only_reads_prints_no_new_number(world: World, sign_in: SignIn) -> None:
    issue = assigned(world)
    for who in ("inspector", "village_official", "household_cadre"):
        assert sign_in(who).post(paper_url(issue)).status_code == 403, who
    for who in ("visitor", "nobody"):
        assert sign_in(who).post(paper_url(issue)).status_code == 403, who
    for who in ("district_secretary@西", "village_cadre@马銮", "township_desk@前楼"):
        assert sign_in(who).post(paper_url(issue)).status_code == 404, who
    assert not CoveringDocument.objects.exists()
    assert not AuditRow.objects.filter(verb="paper.printed").exists()


def test_the_page_offers_what_there_is(world: World, sign_in: SignIn) -> None:
    client = sign_in("district_secretary")
    issue = raise_issue(world)
    assert f"{detail(issue)}papers/" not in text_of(client.get(detail(issue)))
    for state, kinds in ((State.IN_PROGRESS, {"covering"}), (State.RESOLVED, {"covering", "reply"})):
        issue = advance(world, state)
        page = text_of(client.get(detail(issue)))
        assert {kind for kind in ("covering", "reply") if paper_url(issue, kind) in page} == kinds, state
    assert client.post(paper_url(issue, "nonsense")).status_code == 404


def test_the_reply_says_what_was_asked_and_done(world: World, sign_in: SignIn) -> None:
    issue = advance(world, State.RESOLVED)
    open_one = advance(world, State.IN_PROGRESS)
    client = sign_in("district_secretary")
    answer = client.post(paper_url(issue, "reply"), {"basis": "《条例》第五条，问 13812345678"})
    said = words_of(answer.content)
    basis = "《条例》第五条，问 138****5678"
    for words in (issue.printed_number, "城垵户主1：", issue.text, issue.result_text, basis, "（盖章）"):
        assert words in said, words
    assert client.post(paper_url(open_one, "reply")).status_code == 403
    assert client.post(paper_url(issue, "reply"), {"basis": "长" * 501}).status_code == 302


def test_a_county_hands_in_its_own_template_and_goes_back(world: World, sign_in: SignIn) -> None:
    client = sign_in("county_admin")
    upload, url = reverse("paper_template_upload", args=["covering"]), reverse("paper_template_list")
    page = client.post(upload, {"file": docx(saying("本县的{{ 文种 }}：{{ 单号 }}"))}, follow=True)
    assert "已采用" in text_of(page)
    issue = assigned(world)
    said = words_of(sign_in("district_secretary").post(paper_url(issue)).content)
    assert said == f"本县的交办单：康美交〔{YEAR}〕1号"
    refused = client.post(upload, {"file": docx(saying("{{ 身份证号 }}"))}, follow=True)
    assert "“身份证号”不在可用字段里" in text_of(refused)
    assert PaperTemplate.objects.filter(retired_at__isnull=True).count() == 1
    assert client.get(reverse("paper_template_download", args=["covering"])).content == saying_now()
    client.post(reverse("paper_template_restore", args=["covering"]))
    got = client.get(reverse("paper_template_download", args=["covering"])).content
    assert got == default_template(PaperKind.COVERING)
    assert "默认模板" in text_of(client.get(url))
    verbs = AuditRow.objects.filter(verb__startswith="paper.template").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["paper.template_taken", "paper.template_restored"]


def saying_now() -> bytes:
    return bytes(PaperTemplate.objects.get(retired_at__isnull=True).data)


def docx(data: bytes) -> Any:
    return SimpleUploadedFile("模板.docx", data)


def test_templates_are_the_county_administrators(world: World, sign_in: SignIn) -> None:
    for who in ("township_admin", "county_desk", "county_leader", "district_secretary"):
        client = sign_in(who)
        assert client.get(reverse("paper_template_list")).status_code == 403, who
        upload = reverse("paper_template_upload", args=["covering"])
        assert client.post(upload, {"file": docx(saying("x"))}).status_code == 403, who
    assert not PaperTemplate.objects.exists()
