"""What a person vouches for in 企业资料 is what later forms are offered; what is filed otherwise stands beside it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from declarations import content, services
from declarations.models import Declaration, FormerFact, KnownFact, SectionContent, Track
from declarations.presenting import Workspace
from declarations.reuse import cloning, differences, facts
from smartfactory.models import AuditEntry
from tests.factories.declarations import PDF, make_declaration, people_of, submit
from tests.factories.organisations import make_member

ADDRESS = "applicant.address"


@pytest.fixture
def filed(draft):
    submit(draft)
    return Declaration.objects.get(pk=draft.pk)


@pytest.fixture
def address(filed):
    """The fact of the address, mended by hand; the declaration says what it said before."""
    fact = KnownFact.objects.get(enterprise=filed.enterprise, key=ADDRESS)
    actor = people_of(filed)[0]
    facts.mend(fact, version=1, actor=actor, period="2025 年", source="新营业执照", value="新区一号")
    return KnownFact.objects.get(pk=fact.pk)


@pytest.fixture
def refile(filed):
    """Keep what the declaration says, with `values` in place of its own, as its version `number`."""

    def keep(number, **values):
        payload = content.payload(filed)
        payload["sections"]["applicant"] |= values
        return facts.keep(filed, payload, number, people_of(filed)[1])

    return keep


def kept(fact):
    return KnownFact.objects.get(pk=fact.pk)


def test_a_later_filing_stands_beside_and_replaces_nothing(address, refile, filed):
    refile(2, address="老地址九号")
    fact = kept(address)
    assert (fact.value, fact.source, fact.by_hand, fact.version) == ("新区一号", "新营业执照", True, 3)
    other = facts.disputed([fact])[fact.pk]
    assert (other.value, other.source, other.beside) == ("老地址九号", f"申报书 {filed.number} 第 2 版", True)
    assert other.stated_by == people_of(filed)[1]


def test_the_same_filing_is_told_once(address, refile):
    refile(2, address="老地址九号")
    refile(3, address="老地址九号")
    assert FormerFact.objects.filter(fact=address, beside=True).count() == 1
    refile(4, address="新区一号")
    assert facts.disputed([kept(address)]) == {}
    refile(5, address="老地址九号")
    assert facts.disputed([kept(address)])[address.pk].source.endswith("第 5 版")


def test_a_decision_settles_it_until_something_new_is_filed(address, refile, filed):
    refile(2, address="老地址九号")
    facts.mend(kept(address), version=3, actor=people_of(filed)[0], period="2025 年", source="新营业执照")
    refile(3, address="老地址九号")
    assert facts.disputed([kept(address)]) == {}
    refile(4, address="另一处")
    assert facts.disputed([kept(address)])[address.pk].value == "另一处"


def test_what_nobody_vouches_for_follows_the_filing(filed, refile):
    refile(2, legal_person="新的人")
    fact = KnownFact.objects.get(key="applicant.legal_person")
    assert (fact.value, fact.by_hand) == ("新的人", False)
    assert not fact.former.get().beside


def test_a_withdrawn_value_gives_way_to_the_filing(address, refile, filed):
    facts.withdraw(address, version=address.version, actor=people_of(filed)[0])
    refile(2, address="老地址九号")
    fact = kept(address)
    assert (fact.value, fact.by_hand, fact.withdrawn) == ("老地址九号", False, False)
    assert fact.former.first().value == "新区一号"


def test_the_page_shows_both_and_takes_either(address, refile, client_for, preparer):
    refile(2, address="老地址九号")
    client, page = client_for(preparer), reverse("known_fact", args=[address.public_id])
    words = client.get(page).text
    assert words.index("后来提交的申报书写的不一样") < words.index("现在填进新的申报书") < words.index("老地址九号")
    listed = client.get(reverse("known_facts", args=[address.enterprise.public_id])).text
    assert "有 1 项，申报书里写的和手工改过的不一样" in listed
    assert "申报书里不一样" in listed
    assert "老地址九号" in listed
    assert client.post(page, {"version": 2, "act": "adopt"}).status_code == 409
    assert client.post(page, {"version": 3, "act": "adopt"}).status_code == 302
    fact = kept(address)
    assert (fact.value, fact.by_hand) == ("老地址九号", False)
    assert fact.former.filter(value="新区一号", source="新营业执照").exists()
    assert AuditEntry.objects.order_by("-seq").first().act == "fact.adopt"
    assert client.post(page, {"version": 4, "act": "adopt"}).status_code == 409


def test_the_value_by_hand_can_be_stayed_with(address, refile, client_for, preparer):
    refile(2, address="老地址九号")
    page = reverse("known_fact", args=[address.public_id])
    assert client_for(preparer).post(page, {"version": 3, "act": "stay"}).status_code == 302
    assert kept(address).value == "新区一号"
    words = client_for(preparer).get(page).text
    assert "后来提交的申报书写的不一样" not in words
    assert "申报书里写的，当时没有改用" in words


def test_who_files_something_else_is_told_at_once(draft, client_for, signatory, preparer):
    fact = KnownFact(enterprise=draft.enterprise, key=ADDRESS, label="地址", kind="text", source="执照", by_hand=True)
    fact.value = "新区一号"
    fact.save()
    page = reverse("declaration_submit", args=[draft.public_id])
    client = client_for(signatory)
    sent = {"version": draft.version, "promise": [one.key for one in content.describe(draft.track).promises]}
    answer = client.post(page, sent | {"idempotency_key": "k"}, follow=True)
    assert "地址与企业资料里手工写的不一样，两个值都留着" in answer.text
    assert facts.unsettled(draft.enterprise_id) == ["地址"]
    facts.mend(kept(fact), version=2, actor=preparer, period="", source="执照")
    assert facts.unsettled(draft.enterprise_id) == []


def test_a_new_form_begins_with_what_was_said_last(address, filed):
    filed.enterprise.address = "登记的地址"
    filed.enterprise.save(update_fields=["address"])
    track, actor = Track.objects.get(code="2025-excellence"), people_of(filed)[0]
    declaration = services._create(filed.enterprise, track, actor)
    assert SectionContent.objects.get(declaration=declaration, key="applicant").data["address"] == "新区一号"
    facts.withdraw(address, version=address.version, actor=actor)
    declaration.delete()
    assert services._begins_with(filed.enterprise) == {"address": "登记的地址"}


@pytest.fixture
def paged(filed, client_for, preparer):
    """Post to the page of the address as it stood filed, and return the answer."""

    def post(**given):
        fact = KnownFact.objects.get(key=ADDRESS)
        page = reverse("known_fact", args=[fact.public_id])
        return client_for(preparer).post(page, {"version": fact.version} | given)

    return post


def test_the_source_of_the_former_value_is_said_and_not_typed_already(filed, client_for, preparer):
    fact = KnownFact.objects.get(key=ADDRESS)
    page = client_for(preparer).get(reverse("known_fact", args=[fact.public_id]))
    assert page.context["given"] == {"source": "", "period": ""}
    assert f"现在的值：来源 <b>{fact.source}</b>，所属时期 <b>{fact.period}</b>" in page.text


def test_another_value_is_not_said_by_the_declaration_that_said_the_former(filed, paged):
    former = KnownFact.objects.get(key=ADDRESS).source
    for source, words in (("", f"原来的值来自“{former}”"), (former, f"值改了，来源还是“{former}”")):
        refused = paged(address="新区一号", source=source)
        assert refused.status_code == 422
        assert words in refused.context["problems"][0].message
        assert 'value="新区一号"' in refused.text
    assert KnownFact.objects.get(key=ADDRESS).version == 1
    assert paged(address="新区一号", source="新营业执照").status_code == 302
    fact = KnownFact.objects.get(key=ADDRESS)
    assert (fact.value, fact.source, fact.period, fact.by_hand) == ("新区一号", "新营业执照", "", True)


def test_the_same_value_keeps_the_source_nobody_typed_anew(filed, paged):
    before = KnownFact.objects.get(key=ADDRESS)
    proof = SimpleUploadedFile("执照.pdf", PDF)
    assert paged(address=before.value, source="", period="", evidence=proof).status_code == 302
    fact = KnownFact.objects.get(key=ADDRESS)
    kept_as = (before.value, before.source, before.period, "执照.pdf")
    assert (fact.value, fact.source, fact.period, fact.evidence_name) == kept_as


def test_who_only_reads_sees_the_source_and_nothing_to_type(filed, client_for):
    fact = KnownFact.objects.get(key=ADDRESS)
    reader = make_member("reader", enterprise=filed.enterprise)
    page = client_for(reader).get(reverse("known_fact", args=[fact.public_id])).text
    assert fact.source in page
    assert 'name="source"' not in page


def test_a_version_that_says_the_same_is_what_a_fact_is_from(address, refile, filed):
    """The version that stood before may be withdrawn by now."""
    facts.withdraw(KnownFact.objects.get(key="applicant.profile"), version=1, actor=people_of(filed)[0])
    assert refile(2, legal_person="新的人") > 0
    facts_now = {one.key: one for one in KnownFact.objects.filter(enterprise=filed.enterprise)}
    second = f"申报书 {filed.number} 第 2 版"
    assert {one.source for one in facts_now.values() if not one.by_hand} == {second}
    same = facts_now["applicant.staff_total"]
    assert (same.version, same.former.count(), same.updated_by) == (1, 0, people_of(filed)[1])
    assert facts_now[ADDRESS].source == "新营业执照"
    assert not facts_now["applicant.profile"].withdrawn


def test_what_stands_beside_is_from_the_version_that_stands(address, refile):
    refile(2, address="老地址九号")
    refile(3, address="老地址九号")
    assert facts.disputed([kept(address)])[address.pk].source.endswith("第 3 版")


def test_another_declaration_that_says_the_same_leaves_the_source(filed):
    other = make_declaration(enterprise=filed.enterprise, track="2025-excellence", filled=False)
    source = KnownFact.objects.get(key=ADDRESS).source
    payload = content.payload(other)
    payload["sections"]["applicant"] |= {"address": KnownFact.objects.get(key=ADDRESS).value}
    facts.keep(other, payload, 1, people_of(other)[0])
    assert KnownFact.objects.get(key=ADDRESS).source == source


@pytest.fixture
def begun(address, filed):
    """A form of the next year that says something else."""
    made = make_declaration(enterprise=filed.enterprise, track="2025-excellence", filled=False)
    version = made.contents.get(key="applicant").version
    services.save_section(made, "applicant", {"address": "登记的地址"}, version=version, actor=people_of(made)[0])
    return made


def test_a_form_that_says_otherwise_is_told_and_mended_when_asked(begun, client_for):
    person = people_of(begun)[0]
    client, page = client_for(person), reverse("declaration_carry", args=[begun.public_id])
    assert any("登记的地址" in one.message and "新区一号" in one.message for one in Workspace(begun, person).warnings)
    shown = client.get(page)
    (found,) = shown.context["differences"]
    assert "和企业资料里手工改过的不一样" in shown.text
    assert '<span class="yan-tag">手工写的</span>' in shown.text
    assert client.post(page, {"replace": [found.choice, "applicant.address:stale", "\x00"]}).status_code == 302
    assert content.payload(begun)["sections"]["applicant"]["address"] == "新区一号"
    assert differences.between(begun, content.payload(begun)) == []


def test_what_was_changed_meanwhile_is_not_replaced(begun):
    person = people_of(begun)[0]
    (found,) = differences.between(begun, content.payload(begun))
    version = begun.contents.get(key="applicant").version
    services.save_section(begun, "applicant", {"address": "同事写的"}, version=version, actor=person)
    assert differences.take(begun, [found.choice], actor=person) == 0
    assert content.payload(begun)["sections"]["applicant"]["address"] == "同事写的"


def test_carrying_last_year_over_takes_what_was_vouched_for_since(filed):
    target = make_declaration(enterprise=filed.enterprise, track="2025-excellence", filled=False)
    actor = people_of(target)[0]
    fact = KnownFact.objects.get(key="applicant.legal_person")
    facts.mend(fact, version=1, actor=actor, period="2025 年", source="新营业执照", value="沈知远")
    found = cloning.carry(filed, target, actor=actor)
    assert [one.anchor for one in found.mended] == ["applicant.legal_person"]
    assert content.payload(target)["sections"]["applicant"]["legal_person"] == "沈知远"


# Added by hand


@pytest.fixture
def desk(draft, client_for, preparer):
    """Send the page of a question nothing is kept of, and return the answer."""

    def post(ask, **given):
        body = {"ask": ask, "source": "职工名册", "period": "2025 年"} | given
        return client_for(preparer).post(reverse("known_fact_new", args=[draft.enterprise.public_id]), body)

    return post


def test_a_question_is_chosen_in_the_order_of_the_form(draft, client_for, preparer):
    client, page = client_for(preparer), reverse("known_fact_new", args=[draft.enterprise.public_id])
    listed = client.get(reverse("known_facts", args=[draft.enterprise.public_id])).text
    assert page in listed
    words = client.get(page).text
    assert words.index("主体类型") < words.index(">地址<") < words.index("从业人员数")
    assert 'name="staff_total"' in client.get(page, {"ask": "applicant.staff_total"}).text
    assert "现在没有申报书问它" in client.get(page, {"ask": "applicant.nothing\x00"}).text


def test_each_part_of_the_form_is_listed_once(draft, client_for, preparer):
    page = client_for(preparer).get(reverse("known_fact_new", args=[draft.enterprise.public_id]))
    parts = [one["part"] for one in page.context["groups"]]
    assert parts == sorted(parts, key=list(dict.fromkeys(parts)).index)
    assert len(set(parts)) > 1


def test_a_value_is_added_with_source_period_and_proof(draft, desk, preparer):
    proof = SimpleUploadedFile("名册.pdf", PDF)
    assert desk("applicant.staff_total", staff_total="1,024", evidence=proof).status_code == 302
    fact = KnownFact.objects.get(enterprise=draft.enterprise, key="applicant.staff_total")
    assert (fact.value, fact.source, fact.period) == (1024, "职工名册", "2025 年")
    assert (fact.by_hand, fact.evidence_name, fact.updated_by) == (True, "名册.pdf", preparer)
    assert AuditEntry.objects.order_by("-seq").first().act == "fact.state"
    blank = make_declaration(enterprise=draft.enterprise, track="2025-excellence", filled=False)
    offered = {one.field.anchor: one.words for one in facts.offers(blank, content.payload(blank))}
    assert offered == {"applicant.staff_total": "1024 人"}


def test_a_table_is_added_row_by_row(draft, desk):
    more = desk("applicant.honours", more="honours")
    assert more.status_code == 200
    assert KnownFact.objects.count() == 0
    row = {"honours-rows": "2", "honours-0-name": "绿色工厂", "honours-0-level": "省级", "honours-0-year": "2023"}
    assert desk("applicant.honours", **row).status_code == 302
    assert [one["name"] for one in KnownFact.objects.get().value] == ["绿色工厂"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"staff_total": ""}, "值是空的"),
        ({}, "还没有填从业人员数"),
        ({"staff_total": "很多"}, "从业人员数"),
        ({"staff_total": "5", "source": ""}, "还没有写来源"),
        ({"staff_total": "5", "period": " "}, "还没有写所属时期"),
        ({"staff_total": "很多", "source": "甲", "period": ""}, "还没有写所属时期"),
        ({"staff_total": "5", "evidence": SimpleUploadedFile("x.pdf", b"nothing")}, "佐证：内容不是"),
    ],
)
def test_what_cannot_be_added_is_named_and_stays_typed(desk, given, words):
    answer = desk("applicant.staff_total", **given)
    assert answer.status_code == 422
    assert words in answer.text
    assert f'value="{given.get("source", "职工名册")}"' in answer.text
    assert not KnownFact.objects.exists()


def test_everything_wrong_is_said_at_once(desk):
    answer = desk("applicant.staff_total", staff_total="很多", source="", period="")
    assert [one.field for one in answer.context["problems"]] == ["staff_total", "source", "period"]


def test_one_value_per_question(draft, desk, preparer):
    desk("applicant.staff_total", staff_total="1024")
    assert "已经有资料" in desk("applicant.staff_total", staff_total="7").text
    fact = KnownFact.objects.get()
    field = content.describe(draft.track).section("applicant").by_key["staff_total"]
    with pytest.raises(facts.StaleFact):
        facts.state(draft.enterprise, field, 7, actor=preparer, period="", source="别处")
    assert KnownFact.objects.get().value == fact.value == 1024
