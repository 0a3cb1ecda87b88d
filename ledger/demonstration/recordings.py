"""What is noted beside a visit: a meeting not finished yet, and the notes of the visiting professions."""

import datetime
import json

from ledger.demonstration.places import DEMONSTRATION_VILLAGE, Town
from ledger.models import MeetingDraft, Visit, VisitNote
from ledger.rules.visits import Profession

MOST_NOTED = 12
NOTED = {
    Profession.DOCTOR: (
        ("户主", "血压一百五，血糖正常", "按时服药，下月到卫生院复查"),
        ("老伴", "膝关节疼，走路慢", "少干重活，贴膏药一周再看"),
    ),
    Profession.AGRI_TECHNICIAN: (("水稻", "稻飞虱抬头，每丛十来只", "三天内统一用药，药剂到合作社领"),),
    Profession.TEACHER: (("小孙子", "在校按时完成作业，在家玩手机偏多", "约定晚上八点后手机由奶奶保管"),),
}  # fmt: skip
QUESTIONS = (
    ("晒谷场东边的路灯坏了半个月，什么时候修？", "三组村民", "明天请电工来看，本周修好。"),
    ("灌溉渠过了桥就没水，是不是堵了？", "五组村民", ""),
)


def store_recordings(town: Town, today: datetime.date) -> None:
    """The latest visits of each profession are noted; the demonstration's village has a meeting to go on with."""
    _notes()
    place = next(each for each in town.places if each.name == DEMONSTRATION_VILLAGE)
    head = {
        "village": [str(place.village.pk)], "meeting_form": ["courtyard"], "occurred_on": [today.isoformat()],
        "place": ["晒谷场"], "people_met": ["18"],
    }  # fmt: skip
    questions = [
        {"key": f"q{number}", "text": text, "asked_by": who, "answer": answer}
        for number, (text, who, answer) in enumerate(QUESTIONS)
    ]
    assert place.village_cadre is not None
    MeetingDraft.objects.create(
        cadre=place.village_cadre, village=place.village, occurred_on=today,
        body=json.dumps({"head": head, "questions": questions}, ensure_ascii=False),
    )  # fmt: skip


def _notes() -> None:
    rows = []
    for profession, said in NOTED.items():
        met = Visit.objects.filter(profession=profession, household__isnull=False, result="met")
        for number, visit in enumerate(met.order_by("-occurred_on", "-pk")[:MOST_NOTED]):
            subject, finding, advice = said[number % len(said)]
            rows.append(VisitNote(visit=visit, profession=profession, subject=subject, finding=finding, advice=advice))
    VisitNote.objects.bulk_create(rows)
