"""The list of scenarios at work: its order, copies, who may touch it, and every page that shows it."""

import io
import json

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from declarations import checks, content, instances, services
from declarations.models import (
    Declaration,
    Evidence,
    LateChangeError,
    RemovedInstance,
    ScenarioInstance,
    SectionContent,
)
from smartfactory import files
from smartfactory.models import AuditEntry, Role
from smartfactory.problems import ERROR
from tests.factories.declarations import PDF, advance, fill, make_declaration, people_of, sample_instances, submit
from tests.factories.organisations import make_enterprise, make_member

LIST = {"section": "scenarios", "field": "instances", "message": "请按建设先后排列"}


@pytest.fixture
def writer(preparer, client_for):
    return client_for(preparer)


def rows(declaration):
    return list(ScenarioInstance.objects.filter(declaration=declaration))


def uids(declaration):
    """In their order, which is without gaps."""
    found = rows(declaration)
    assert [one.position for one in found] == list(range(1, len(found) + 1))
    return [one.uid for one in found]


def version(declaration):
    return SectionContent.objects.get(declaration=declaration, key="scenarios").version


def acts(*names):
    return [(one.act, json.loads(one.body)) for one in AuditEntry.objects.filter(act__in=names).order_by("pk")]


# The order


@pytest.mark.parametrize(("place", "to"), [(1, 5), (5, 1), (2, 3), (4, 2)])
def test_one_goes_to_its_place_and_the_others_keep_their_order(draft, preparer, place, to):
    before = uids(draft)
    mine = before.pop(place - 1)
    assert instances.move(draft, mine, to, version=1, actor=preparer) == place
    assert uids(draft) == [*before[: to - 1], mine, *before[to - 1 :]]
    assert acts("scenario.move") == [("scenario.move", {"field": f"scenarios.{mine}", "from": place, "to": to})]
    assert version(draft) == 2


@pytest.mark.parametrize("to", [0, -1, 6, 999_999_999])
def test_a_place_the_list_does_not_have_is_refused(draft, preparer, to):
    before = uids(draft)
    with pytest.raises(instances.OutOfList, match="5"):
        instances.move(draft, before[0], to, version=1, actor=preparer)
    assert (uids(draft), version(draft), acts("scenario.move")) == (before, 1, [])


def test_moving_to_where_it_stands_is_no_act(draft, preparer):
    before = uids(draft)
    assert instances.move(draft, before[1], 2, version=1, actor=preparer) == 2
    assert (uids(draft), version(draft), acts("scenario.move")) == (before, 1, [])


@pytest.mark.parametrize("act", ["move", "duplicate"])
def test_stale_gone_and_late_are_told_apart(draft, preparer, act):
    def do(uid, at):
        more = (5,) if act == "move" else ()
        return getattr(instances, act)(draft, uid, *more, version=at, actor=preparer)

    before = uids(draft)
    with pytest.raises(services.StaleContent):
        do(before[0], 7)
    with pytest.raises(ScenarioInstance.DoesNotExist):
        do("00000000", 1)
    foreign = make_declaration(enterprise=make_enterprise())
    with pytest.raises(ScenarioInstance.DoesNotExist):
        do(uids(foreign)[0], 1)
    assert (uids(draft), version(draft)) == (before, 1)
    submit(draft)
    with pytest.raises(LateChangeError):
        do(before[0], 1)
    assert (uids(draft), acts("scenario.move", "scenario.copy")) == (before, [])


@pytest.mark.parametrize("opened", [True, False], ids=["the list", "one answer"])
def test_a_return_opens_the_order_with_the_list_only(draft, preparer, opened):
    submit(draft)
    advance(draft, "take_up")
    advance(draft, "return_", items=[LIST] if opened else [{"section": "factory", "field": "summary", "message": "x"}])
    back, before = Declaration.objects.get(pk=draft.pk), uids(draft)
    if opened:
        instances.move(back, before[0], 2, version=1, actor=preparer)
        made = instances.duplicate(back, before[0], version=2, actor=preparer)
        assert uids(back) == [before[1], before[0], made.uid, *before[2:]]
        assert services.save_instance(back, made.uid, {"name": "补的场景"}, version=1, actor=preparer).problems == []
    else:
        with pytest.raises(LateChangeError):
            instances.move(back, before[0], 2, version=1, actor=preparer)
        with pytest.raises(LateChangeError):
            instances.duplicate(back, before[0], version=1, actor=preparer)
        assert uids(back) == before


# Copies


def test_a_copy_has_every_answer_a_name_of_its_own_and_no_files(draft, preparer):
    before, first = uids(draft), rows(draft)[0]
    Evidence.objects.create(
        declaration=draft, section="scenarios", field="figures", instance=first, name="图.pdf",
        file=files.put(PDF, files.MIMES["pdf"]), pages=1, added_by=preparer,
    )  # fmt: skip
    made = instances.duplicate(draft, first.uid, version=1, actor=preparer)
    stored = ScenarioInstance.objects.get(pk=made.pk)
    assert uids(draft) == [before[0], made.uid, *before[1:]]
    assert stored.data == first.data | {"name": f"{first.data['name']}（副本）"}
    assert (made.position, stored.version, stored.changed, stored.updated_by) == (2, 1, {}, preparer)
    assert Evidence.objects.filter(instance=first).count() == 1
    assert not Evidence.objects.filter(instance=made).exists()
    body = {"copied_from": f"scenarios.{first.uid}", "field": f"scenarios.{made.uid}", "to": 2}
    assert acts("scenario.copy") == [("scenario.copy", body)]


def named(draft, uid, name):
    row = ScenarioInstance.objects.get(declaration=draft, uid=uid)
    services.save_instance(draft, uid, {"name": name}, version=row.version, actor=row.updated_by or people_of(draft)[0])


def test_names_of_copies_differ_and_keep_to_the_limit(draft, preparer):
    first = uids(draft)[0]
    most = content.describe(draft.track).instance_section.instance_by_key["name"].max_chars
    named(draft, first, "长" * most)
    made = [instances.duplicate(draft, first, version=version, actor=preparer) for version in (1, 2)]
    again = instances.duplicate(draft, made[0].uid, version=3, actor=preparer)
    names = [one.data["name"] for one in (*made, again)]
    assert names == ["长" * (most - 4) + "（副本）", "长" * (most - 5) + "（副本2）", "长" * (most - 5) + "（副本3）"]
    found = checks.run(content.payload(draft), content.describe(draft.track))
    assert not [one for one in found if one.field.endswith(".name") and one.level == ERROR]


def test_a_copy_of_a_copy_is_counted_on(draft, preparer):
    first = uids(draft)[0]
    named(draft, first, "甲 乙")
    one = instances.duplicate(draft, first, version=1, actor=preparer)
    two = instances.duplicate(draft, one.uid, version=2, actor=preparer)
    assert [one.data["name"], two.data["name"]] == ["甲 乙（副本）", "甲 乙（副本2）"]


def test_a_scenario_without_a_name_leaves_a_copy_that_asks_for_one(draft, preparer, writer, address):
    named(draft, uids(draft)[1], "")
    made = instances.duplicate(draft, uids(draft)[1], version=1, actor=preparer)
    assert not made.data.get("name")
    assert "差 1 项" in writer.get(address("scenarios/")).content.decode()


def test_changing_the_copy_leaves_the_original(draft, preparer):
    first = rows(draft)[0]
    made = instances.duplicate(draft, first.uid, version=1, actor=preparer)
    services.save_instance(draft, made.uid, {"results": []}, version=1, actor=preparer)
    assert ScenarioInstance.objects.get(pk=first.pk).data == first.data


def test_a_full_list_takes_no_copy(draft, preparer, monkeypatch, writer, address):
    monkeypatch.setattr(instances, "MOST", 5)
    answer = writer.post(address("scenarios/1/copy/"), {"version": 1})
    assert (answer.status_code, len(uids(draft)), version(draft)) == (409, 5, 1)
    assert "最多 5 个" in answer.content.decode()


# The pages, without scripts


def test_up_down_and_number_are_plain_forms(draft, writer, address):
    before = uids(draft)
    page = writer.get(address("scenarios/")).content.decode()
    for one in before:
        assert f'<form method="post" id="move-{one}"' in page
    sent = {"version": 1, "uid": before[0], "direction": "down", "to": "1"}
    answer = writer.post(address("scenarios/1/move/"), sent, follow=True)
    assert "从第 1 个移到第 2 个" in answer.content.decode()
    writer.post(address("scenarios/5/move/"), {"version": 2, "uid": before[4], "to": "1"})
    assert uids(draft) == [before[4], before[1], before[0], before[2], before[3]]


@pytest.mark.parametrize("to", ["", "0", "6", "二", "1.5", "9" * 30])
def test_a_number_outside_the_list_is_answered_in_words(draft, writer, address, to):
    before = uids(draft)
    answer = writer.post(address("scenarios/1/move/"), {"version": 1, "to": to}, follow=True)
    assert answer.redirect_chain == [(address("scenarios/"), 302)], "an address that can be opened again"
    page = answer.content.decode()
    assert "1 到 5 的整数" in page
    assert f'<a href="#no-{before[0]}">回到这一行改序号</a>' in page
    assert f'id="no-{before[0]}"' in page
    assert uids(draft) == before


@pytest.mark.parametrize("rest", ["scenarios/1/move/", "scenarios/1/copy/"])
def test_a_colleague_was_faster(draft, signatory, writer, address, rest):
    before = uids(draft)
    instances.move(draft, before[0], 5, version=1, actor=signatory)
    now = uids(draft)
    answer = writer.post(address(rest), {"version": 1, "uid": before[0], "to": "3"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "刚被同事改过" in page
    shown = [page.index(f'<tr data-uid="{one}">') for one in now]
    assert shown == sorted(shown)
    assert f'action="{address("scenarios/")}"' in page, "the part's own form is still sent to the part"
    assert uids(draft) == now


def test_one_removed_meanwhile_is_a_conflict_and_one_never_there_is_missing(draft, signatory, writer, address):
    gone = uids(draft)[4]
    instances.remove(draft, gone, version=1, actor=signatory)
    sent = {"version": 2, "uid": gone, "direction": "up"}
    assert writer.post(address("scenarios/5/move/"), sent).status_code == 409
    assert writer.post(address("scenarios/5/copy/"), sent).status_code == 409
    assert writer.post(address("scenarios/99/move/"), {"version": 2, "direction": "up"}).status_code == 404


def test_the_page_moves_the_scenario_it_names(draft, signatory, writer, address):
    """An old address with the present version: autosave of the page went on, its buttons were drawn earlier."""
    before = uids(draft)
    instances.move(draft, before[4], 1, version=1, actor=signatory)
    writer.post(address("scenarios/1/move/"), {"version": 2, "uid": before[0], "direction": "up"})
    assert uids(draft) == [before[0], before[4], *before[1:4]]


@pytest.mark.parametrize("rest", ["scenarios/1/move/", "scenarios/1/copy/"])
def test_only_its_own_writers_touch_the_list(draft, official, address, client_for, rest):
    before = uids(draft)
    people = (
        make_member(Role.READER, enterprise=draft.enterprise),
        official,
        make_member(Role.PREPARER, enterprise=make_enterprise()),
    )
    for person in people:
        assert client_for(person).post(address(rest), {"version": 1, "to": "2"}).status_code == 404
    assert uids(draft) == before


@pytest.mark.parametrize("rest", ["scenarios/1/move/", "scenarios/1/copy/"])
def test_after_submitting_nothing_moves(draft, writer, address, rest):
    before = uids(draft)
    submit(draft)
    answer = writer.post(address(rest), {"version": 1, "uid": before[0], "to": "2"})
    assert answer.status_code == 409
    assert "已提交" in answer.content.decode()
    assert uids(draft) == before


def test_a_closed_list_has_no_controls(draft, preparer, writer, address):
    submit(draft)
    advance(draft, "take_up")
    advance(draft, "return_")
    page = writer.get(address("scenarios/")).content.decode()
    assert "上移" not in page
    assert 'name="to"' not in page
    assert "复制这个场景" not in writer.get(address("scenarios/1/")).content.decode()
    answer = writer.post(address("scenarios/1/copy/"), {"version": 1})
    assert (answer.status_code, len(uids(draft))) == (409, 5)


def test_a_copy_leads_to_its_own_page(draft, writer, address):
    assert "复制这个场景" in writer.get(address("scenarios/2/")).content.decode()
    answer = writer.post(address("scenarios/2/copy/"), {"version": 1, "uid": uids(draft)[1]})
    assert answer["Location"] == address("scenarios/3/#id_name")
    assert "请先改名称和不同的内容；配图没有带来" in writer.get(address("scenarios/3/")).content.decode()


# What shows the list


def test_every_rendering_follows_the_order(draft, preparer, writer, address):
    instances.move(draft, uids(draft)[0], 4, version=1, actor=preparer)
    names = [one.data["name"] for one in rows(draft)]
    book = openpyxl.load_workbook(io.BytesIO(writer.get(address("workbook.xlsx")).getvalue()))
    cells = [cell.value for sheet in book for line in sheet.iter_rows() for cell in line]
    assert [one for one in cells if one in names] == names
    for rest in ("scenarios/", "check/"):
        page = writer.get(address(rest)).content.decode()
        shown = page[page.index("<main") :]
        places = [shown.rindex(one) for one in names]
        assert places == sorted(places), rest
    filed = submit(draft).latest_revision
    # The PDF, the JSON and the comparison are drawn from these rows.
    groups = [
        one.text for one in content.rows(filed.content, content.describe(draft.track)) if one.key.endswith(".name")
    ]
    assert [one for one in groups if one in names] == names


def test_coverage_stays_right(draft, preparer, writer, address):
    def said():
        spread = writer.get(address("scenarios/")).context["space"].spread
        return spread["covered"], [one["count"] for one in spread["areas"]], spread["smart"], str(spread["share"])

    before = said()
    assert before == (5, [1, 1, 1, 1, 1], 3, "60")
    instances.move(draft, uids(draft)[0], 5, version=1, actor=preparer)
    assert said() == before
    instances.duplicate(draft, uids(draft)[0], version=2, actor=preparer)
    assert said() == (5, [1, 2, 1, 1, 1], 4, "66.67")


@pytest.mark.parametrize("act", ["move", "copy"])
def test_acts_do_not_ask_more_for_more_scenarios(policy, client_for, act):
    found = {}
    for count in (2, 3, 30):
        declaration = make_declaration(filled=False)
        given = sample_instances(content.describe(declaration.track))
        fill(declaration, instances=[{**given[place % 5], "name": f"第{place}条产线"} for place in range(count)])
        client, where = client_for(people_of(declaration)[0]), f"/declarations/{declaration.public_id}/"
        client.get(where)
        with CaptureQueriesContext(connection) as asked:
            answer = client.post(f"{where}scenarios/1/{act}/", {"version": 1, "to": "2"})
        assert answer.status_code == 302
        found[count] = len(asked)
    assert len(set(found.values())) == 1, found


# Adding, removing, putting back


def test_adding_and_removing_stand_in_the_trail(draft, preparer):
    made = instances.add(draft, version=1, actor=preparer)
    instances.remove(draft, made.uid, version=2, actor=preparer)
    field = f"scenarios.{made.uid}"
    assert acts("scenario.add", "scenario.remove") == [
        ("scenario.add", {"field": field, "to": 6}),
        ("scenario.remove", {"field": field, "from": 6}),
    ]


def test_what_was_removed_is_put_back_with_everything(draft, preparer):
    one, before = rows(draft)[1], uids(draft)
    Evidence.objects.create(
        declaration=draft, section="scenarios", field="figures", instance=one, name="现场.jpg", added_by=preparer,
        file=files.put(PDF, files.MIMES["pdf"]), pages=1,
    )  # fmt: skip
    filed = content.payload(draft)["sections"]["scenarios"]["instances"]
    instances.remove(draft, one.uid, version=1, actor=preparer)
    assert uids(draft) == [uid for uid in before if uid != one.uid]
    made = instances.restore(draft, one.uid, version=2, actor=preparer)
    assert made.position == 2
    assert uids(draft) == before
    assert content.payload(draft)["sections"]["scenarios"]["instances"] == filed
    assert acts("scenario.restore") == [("scenario.restore", {"field": f"scenarios.{one.uid}", "to": 2})]
    with pytest.raises(RemovedInstance.DoesNotExist):
        instances.restore(draft, one.uid, version=3, actor=preparer)


def test_in_a_shorter_list_it_comes_last(draft, preparer):
    first, *_, last = uids(draft)
    for step, uid in enumerate((last, first), 1):
        instances.remove(draft, uid, version=step, actor=preparer)
    assert instances.restore(draft, last, version=3, actor=preparer).position == 4
    assert uids(draft)[-1] == last


def test_the_page_offers_it_and_puts_it_back(draft, writer, address):
    one = rows(draft)[0]
    sent = {"version": version(draft), "uid": one.uid}
    shown = writer.post(address("scenarios/1/remove/"), sent, follow=True).text
    assert "最近删去的场景" in shown
    assert one.data["name"] in shown
    again = writer.post(address("scenarios/restore/"), sent)
    assert again.status_code == 409
    shown = writer.post(address("scenarios/restore/"), sent | {"version": version(draft)}, follow=True).text
    assert "已恢复，排在第 1 个" in shown
    assert "最近删去的场景" not in shown


@pytest.mark.parametrize("uid", ["", "\0", "x" * 99])
def test_nothing_that_was_not_removed_comes_back(draft, writer, address, uid):
    answer = writer.post(address("scenarios/restore/"), {"version": version(draft), "uid": uid})
    assert answer.status_code in (400, 404)
