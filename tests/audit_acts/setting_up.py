"""Places, units, people, postings, the lists of a county."""

import datetime

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ledger.models import (
    CalendarDay,
    Category,
    District,
    Guide,
    HandOver,
    Keyword,
    LinkKind,
    Organisation,
    Phrase,
    Rotation,
    Substitution,
    Topic,
    VillageLink,
)
from ledger.rules.days import local_today
from tests.audit_acts.recipe import Sent, act, csv, fresh, opened
from tests.world import START, World, make_issue


@act("cadre_create", "township_admin", "cadre.created")
def cadre_create(world: World, client: Client) -> Sent:
    return opened(client, reverse("cadre_create"), name="康美新人", cadre_no="K9002", township=world.township.pk)


@act("cadre_edit", "township_admin", "cadre.changed")
def cadre_edit(world: World, client: Client) -> Sent:
    return opened(client, reverse("cadre_edit", args=[world.cadre("nobody").pk]), title="科员")


@act("cadre_apply", "township_admin", "cadre.loaded")
def cadre_apply(world: World, client: Client) -> Sent:
    text = "place,cadre_no,cadre_name,cadre_unit,cadre_phone,township_code\nx,T001,新人,党建办,,350626102\n"
    page = client.post(reverse("cadre_import"), csv(text))
    return Sent(reverse("cadre_apply"), {"sealed": page.context["sealed"]})


@act("division_apply", "county_admin", "division.loaded", "defaults.loaded")
def division_apply(world: World, client: Client) -> Sent:
    text = (
        "county_code,county,township_code,township,village_code,name\n"
        "350626,东山县,350626102,康美镇,350626102299,新村\n"
    )  # fmt: skip
    page = client.post(reverse("division_import"), csv(text))
    return Sent(reverse("division_apply"), {"sealed": page.context["sealed"]})


@act("county_edit", "county_admin", "county.changed")
def county_edit(world: World, client: Client) -> Sent:
    return opened(client, reverse("county_edit", args=[world.county.pk]), coverage_days=120)


@act("township_edit", "township_admin", "township.changed")
def township_edit(world: World, client: Client) -> Sent:
    return opened(client, reverse("township_edit", args=[world.township.pk]), duty_phone="0596-5622222")


@act("village_detail", "township_admin", "village.changed")
def village_detail(world: World, client: Client) -> Sent:
    return opened(client, reverse("village_detail", args=[world.villages["城垵"].pk]), aliases="城安")


@act("village_link_create", "township_admin", "village_link.made")
def village_link_create(world: World, client: Client) -> Sent:
    url = reverse("village_link_create", args=[world.villages["城垵"].pk, LinkKind.VILLAGE_CADRE])
    return Sent(url, fresh(who=world.cadre("village_cadre").pk, start_on=START.isoformat()))


@act("village_link_end", "township_admin", "village_link.ended")
def village_link_end(world: World, client: Client) -> Sent:
    link = VillageLink.objects.create(
        village=world.villages["城垵"], kind=LinkKind.VILLAGE_CADRE, cadre=world.cadre("nobody"), start_on=START
    )
    return Sent(reverse("village_link_end", args=[link.pk]))


@act("district_create", "township_admin", "district.created")
def district_create(world: World, client: Client) -> Sent:
    url = reverse("district_create", args=[world.township.pk])
    return Sent(url, fresh(name="新管区", sort_order=5, villages=[world.villages["东沈"].pk]))


@act("district_edit", "township_admin", "district.changed")
def district_edit(world: World, client: Client) -> Sent:
    return opened(client, reverse("district_edit", args=[world.east.pk]), name="东片区")


@act("district_remove", "township_admin", "district.removed")
def district_remove(world: World, client: Client) -> Sent:
    return Sent(reverse("district_remove", args=[District.objects.create(township=world.township, name="空管区").pk]))


@act("organisation_create", "township_admin", "organisation.created")
def organisation_create(world: World, client: Client) -> Sent:
    sent = fresh(township=world.township.pk, name="新办公室", kind="internal", sort_order=1)
    return Sent(reverse("organisation_create"), sent)


@act("organisation_edit", "township_admin", "organisation.changed")
def organisation_edit(world: World, client: Client) -> Sent:
    unit = Organisation.objects.create(county=world.county, township=world.township, name="旧办公室")
    return opened(client, reverse("organisation_edit", args=[unit.pk]), name="新办公室")


@act("posting_create", "township_admin", "posting.granted")
def posting_create(world: World, client: Client) -> Sent:
    url = f"{reverse('posting_create')}?cadre={world.cadre('nobody').pk}&role=village_cadre"
    return Sent(url, fresh(village=[world.villages["城垵"].pk], start_on=START.isoformat()))


@act("posting_end", "township_admin", "posting.ended")
def posting_end(world: World, client: Client) -> Sent:
    posting = world.cadre("visitor").postings.get()
    return Sent(reverse("posting_end", args=[posting.pk]), {"end_on": local_today().isoformat()})


@act("cadre_handover", "township_admin", "handover.made")
def cadre_handover(world: World, client: Client) -> Sent:
    cadre = world.cadre("household_cadre")
    make_issue(world.households["城垵"][0], cadre, 900, state="in_progress", handler=cadre)
    return opened(client, reverse("cadre_handover", args=[cadre.pk]), reason="岗位调整")


@act("cadre_handover", "township_admin", "handover.made", "posting.ended")
def with_the_posting(world: World, client: Client) -> Sent:
    cadre = world.cadre("household_cadre")
    make_issue(world.households["城垵"][0], cadre, 901, state="in_progress", handler=cadre)
    url = f"{reverse('cadre_handover', args=[cadre.pk])}?posting={cadre.postings.get().pk}"
    return opened(client, url, reason="岗位调整")


@act("rotation_create", "township_admin", "rotation.planned")
def rotation_create(world: World, client: Client) -> Sent:
    said = {"organisation": world.organisations["纪委"].pk, "villages": [world.villages["城垵"].pk], "months": 1}
    return Sent(reverse("rotation_create"), fresh(**said, start_on=local_today().isoformat()))


@act("rotation_stop", "township_admin", "rotation.stopped")
def rotation_stop(world: World, client: Client) -> Sent:
    made = Rotation.objects.create(
        organisation=world.organisations["纪委"], start_on=START, made_by=world.users["township_admin"],
        made_at=timezone.now(),
    )  # fmt: skip
    return Sent(reverse("rotation_stop", args=[made.pk]))


@act("substitution_create", "township_admin", "substitution.appointed")
def substitution_create(world: World, client: Client) -> Sent:
    url = f"{reverse('substitution_create')}?cadre={world.cadre('village_cadre').pk}"
    return opened(client, url, substitute=world.cadre("village_official").pk, reason="休假")


@act("substitution_create", "household_cadre", "substitution.appointed")
def for_own_leave(world: World, client: Client) -> Sent:
    url = reverse("substitution_create")
    return opened(client, url, substitute=world.cadre("village_official").pk, reason="休假")


@act("substitution_end", "township_admin", "substitution.ended")
def substitution_end(world: World, client: Client) -> Sent:
    made = Substitution.objects.create(
        absent=world.cadre("village_cadre"), substitute=world.cadre("visitor"), start_on=local_today(),
        end_on=local_today() + datetime.timedelta(days=3), reason="休假", appointed_by=world.users["township_admin"],
        appointed_at=timezone.now(),
    )  # fmt: skip
    return Sent(reverse("substitution_end", args=[made.pk]))


@act("handover_paper", "township_admin", "handover.printed", again=True)
def handover_paper(world: World, client: Client) -> Sent:
    made = HandOver.objects.create(
        cadre=world.cadre("household_cadre"), county=world.county, township=world.township, on=START,
        made_by=world.users["township_admin"], made_at=timezone.now(),
    )  # fmt: skip
    return Sent(reverse("handover_paper", args=[made.pk]))


@act("word_create", "county_admin", "topic.created")
def word_create(world: World, client: Client) -> Sent:
    return Sent(reverse("word_create", args=["topic"]), fresh(name="新主题", name_en="New", sort_order=1))


@act("word_edit", "county_admin", "category.changed")
def word_edit(world: World, client: Client) -> Sent:
    category = Category.objects.filter(county=world.county, parent=None).get()
    return opened(client, reverse("word_edit", args=["category", category.pk]), days=9)


@act("word_create", "county_admin", "phrase.created")
def new_phrase(world: World, client: Client) -> Sent:
    return Sent(reverse("word_create", args=["phrase"]), fresh(name="一切正常", name_en="", sort_order=1))


@act("word_create", "county_admin", "keyword.created")
def new_keyword(world: World, client: Client) -> Sent:
    said = fresh(name="路灯", kind="suggestion", category="", sort_order=1)
    return Sent(reverse("word_create", args=["keyword"]), said)


@act("word_edit", "county_admin", "phrase.changed")
def phrase(world: World, client: Client) -> Sent:
    kept = Phrase.objects.create(county=world.county, name="一切正常")
    return opened(client, reverse("word_edit", args=["phrase", kept.pk]), name="没有新情况")


@act("word_edit", "county_admin", "keyword.changed")
def keyword(world: World, client: Client) -> Sent:
    kept = Keyword.objects.create(county=world.county, name="路灯", kind="request")
    return opened(client, reverse("word_edit", args=["keyword", kept.pk]), kind="suggestion")


@act("word_edit", "county_admin", "topic.changed")
def topic(world: World, client: Client) -> Sent:
    kept = Topic.objects.get(county=world.county)
    return opened(client, reverse("word_edit", args=["topic", kept.pk]), name="新主题")


@act("guide_create", "township_admin", "guide.created")
def guide_create(world: World, client: Client) -> Sent:
    return Sent(reverse("guide_create"), fresh(title="办证", steps="申请\n领证", sort_order=1))


@act("guide_edit", "county_admin", "guide.changed")
def guide_edit(world: World, client: Client) -> Sent:
    guide = Guide.objects.create(county=world.county, title="办证", steps="申请", updated_on=START)
    return opened(client, reverse("guide_edit", args=[guide.pk]), steps="申请\n领证")


NOTICE = "日期,安排,说明\n2098-01-01,休,元旦\n"


@act("calendar_apply", "county_admin", "calendar.year_set")
def calendar_apply(world: World, client: Client) -> Sent:
    page = client.post(reverse("calendar_import"), {"year": 2098, "text": NOTICE})
    return Sent(reverse("calendar_apply"), {"sealed": page.context["sealed"], "year": 2098})


@act("calendar_take_over", "county_admin", "calendar.year_set")
def calendar_take_over(world: World, client: Client) -> Sent:
    return Sent(reverse("calendar_take_over"), {"year": 2026})


@act("calendar_give_back", "county_admin", "calendar.year_dropped")
def calendar_give_back(world: World, client: Client) -> Sent:
    CalendarDay.objects.create(county=world.county, day="2098-01-01", is_working=False, is_official=True)
    return Sent(reverse("calendar_give_back"), {"year": 2098})


@act("calendar_day_create", "county_admin", "calendar.set")
def calendar_day_create(world: World, client: Client) -> Sent:
    return Sent(reverse("calendar_day_create"), fresh(day="2026-05-09", is_working="1", note="补班"))


@act("calendar_day_clear", "county_admin", "calendar.cleared")
def calendar_day_clear(world: World, client: Client) -> Sent:
    day = CalendarDay.objects.create(county=world.county, day=START, is_working=False)
    return Sent(reverse("calendar_day_clear", args=[day.pk]))
