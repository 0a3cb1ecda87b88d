"""What the notes of the contacts say: pieces of the bank that fit the household, the season and who came."""

import random
from typing import Any

from ledger.demonstration.texts import Bank
from ledger.demonstration.visits import Contact, person_met
from ledger.rules.visits import Profession, VisitKind, VisitResult

K, R = VisitKind, VisitResult
TOPICS = {
    "政策宣传": 16, "征求意见": 11, "纠纷排查": 8, "安全排查": 14, "慰问": 6, "防返贫": 9, "产业就业": 13,
    "医保缴费": 12, "人居环境": 11, "反诈": 10, "防汛防火": 11, "代办": 5,
}  # fmt: skip
PROFESSIONS = {Profession.DOCTOR: "service", Profession.AGRI_TECHNICIAN: "agri", Profession.TEACHER: "teacher"}
SECTIONS = {K.PHONE: "phone", K.TALK: "talk", K.ERRAND: "errand", K.SERVICE: "service"}
RESULTS = {R.ABSENT: "absent", R.AWAY: "away", R.DECLINED: "declined"}


class Writer:
    """Writes the notes; in order of time, so that nobody repeats himself from one house to the next."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.bank = Bank("visits", rng)
        self.others = Bank("others", rng)

    def write(self, contact: Contact) -> None:
        """Fill in text, topics and opinions of one contact."""
        if contact.home is None:
            self._without_household(contact)
            return
        row = contact.row
        tags = frozenset(contact.home.tags | {"eve" if contact.is_evening else "day"})
        text = self._text(contact, tags)
        if contact.raised:
            text += self.rng.choice(("反映：", "提出：", "说起一件事：")) + "；".join(contact.raised) + "。已登记。"
            row.opinions_heard = max(row.opinions_heard, len(contact.raised))
        elif "希望" in text or "建议" in text or "征求意见" in contact.topics:
            row.opinions_heard = 1
        row.content = self._filled(text, contact)

    def _text(self, contact: Contact, tags: frozenset[str]) -> str:
        row = contact.row
        if contact.about:
            contact.topics = ["回访"]
            return contact.about
        if row.result in RESULTS:
            return self._pick(contact, RESULTS[R(row.result)], tags)
        if row.profession != Profession.CADRE:
            return self._pick(contact, PROFESSIONS[Profession(row.profession)], tags)
        if row.kind in SECTIONS:
            return self._pick(contact, SECTIONS[K(row.kind)], tags)
        if not contact.raised and self.rng.random() < 0.11:
            return self._pick(contact, "short", tags)
        return self._long(contact, tags)

    def _long(self, contact: Contact, tags: frozenset[str]) -> str:
        rng = self.rng
        parts = [self._pick(contact, "open", tags, fallback=False)] if rng.random() < 0.5 else []
        for topic in rng.choices(list(TOPICS), list(TOPICS.values()), k=rng.choices((1, 2), (62, 38))[0]):
            piece = self._pick(contact, f"topic {topic}", tags, fallback=False)
            if piece and topic not in contact.topics:
                contact.topics.append(topic)
                parts.append(piece)
        if rng.random() < 0.4 or not parts:
            parts.append(self._pick(contact, "close", tags))
        return "".join(parts)

    def _pick(self, contact: Contact, section: str, tags: frozenset[str], *, fallback: bool = True) -> str:
        """A piece of the section; where none fits, one of the short ones that fit always."""
        month, who = contact.row.occurred_on.month, id(contact.row.lead)
        found = self.bank.pick(section, tags, month, who)
        return found if found or not fallback else self.bank.pick("short", tags, month, who)

    def _filled(self, text: str, contact: Contact) -> str:
        assert contact.home is not None
        who = person_met(self.rng, contact.home, contact.row.people_met)
        return text.replace("{who}", who).replace("{spot}", self.rng.choice(contact.place.spots))

    def _without_household(self, contact: Contact) -> None:
        row = contact.row
        section = f"meeting {row.meeting_form}" if row.kind == K.MEETING else str(row.kind)
        tags = frozenset({"community"} if contact.place.is_community else {"village", "farm"})
        text = self.others.pick(section, tags, row.occurred_on.month, contact.place.village.pk)
        hall = row.place.removeprefix(contact.place.name)
        spot = hall if row.kind == K.MEETING else self.rng.choice(contact.place.spots)
        values: dict[str, Any] = {
            "spot": spot,
            "p": row.people_met, "n": self.rng.randint(3, 12),
            "g": self.rng.choice(contact.place.groups).number, "q": row.opinions_heard,
        }  # fmt: skip
        row.content = text.format(**values)
