"""脱密自查: what is found, what is left alone, what is mended, and what the signatory confirms."""

import pytest

from declarations import content, evidence, secrecy, services
from declarations.models import Evidence, ScenarioInstance, SectionContent
from declarations.secrecy import mending, patterns
from smartfactory import workflow
from tests.factories import declarations as made
from tests.smartfactory.test_metadata import pdf

ID_CARD = "11010519491231002X"
PROMISES = ["truth", "secrecy", "cooperation"]


def found(text, code):
    rule = patterns.rules().text(code)
    return [text[start:end].strip() for start, end in rule.hits(text)]


@pytest.mark.parametrize(
    ("code", "text", "hits"),
    [
        ("mark", "机密★10年", ["机密★"]),
        ("mark", "封面写着\n【绝密】\n三个字", ["【绝密】"]),
        ("mark", "密级：秘密", ["密级：秘密"]),
        ("mark", "不涉及国家秘密、商业秘密", []),
        ("internal", "摘自内部资料，注意保存", ["内部资料", "注意保存"]),
        ("internal", "内容不涉及国家秘密", []),
        ("internal", "本厂非涉密单位，已脱密处理", []),
        ("internal", "服务军工客户", ["军工"]),
        ("id_card", f"身份证 {ID_CARD}。", [ID_CARD]),
        ("id_card", "身份证 110105194912310021", []),
        ("id_card", f"批号 A{ID_CARD}", []),
        ("phone", "联系 13812345678 或 138-1234-5678", ["13812345678", "138-1234-5678"]),
        ("phone", "产量 138123456789 件，合同 0.13812345678", []),
        ("coordinates", "位于东经120°9′，北纬30.25度", ["东经120°9′", "北纬30.25度"]),
        ("coordinates", "坐标 120.15372, 30.26547", ["120.15372, 30.26547"]),
        ("coordinates", "良率 98.5，产能 120.5", []),
    ],
)
def test_text_rules(code, text, hits):
    assert found(text, code) == hits


def test_sample_form_has_nothing_to_confirm(draft):
    assert secrecy.look_through(draft).serious == ()


def write(draft, preparer, **values):
    row = SectionContent.objects.get(declaration=draft, key="factory")
    services.save_section(draft, "factory", values, version=row.version, actor=preparer)


def test_findings_say_where(draft, preparer):
    write(draft, preparer, summary=f"开头一句。\n负责人身份证 {ID_CARD}，见内部资料。")
    report = secrecy.look_through(draft)
    assert [(one.rule.code, one.key, one.hit) for one in report.serious] == [
        ("internal", "factory.summary", "内部资料"),
        ("id_card", "factory.summary", "110*************2X"),
    ]
    assert report.serious[1].before == "负责人身份证 "
    assert ID_CARD not in str(report.findings)


def test_words_around_a_finding_show_no_other_number(draft, preparer):
    write(draft, preparer, summary=f"{ID_CARD}，北纬30.25度，13812345678。")
    shown = [one.before + one.hit + one.after for one in secrecy.look_through(draft).findings]
    assert len(shown) == 3
    assert not [one for one in shown if "1231002X" in one or "12345678" in one]


def test_phone_where_it_is_asked_for_is_left_alone(draft, preparer):
    services.save_section(draft, "applicant", {"contact_phone": "13812345678"}, version=1, actor=preparer)
    assert secrecy.look_through(draft).findings == ()
    services.save_section(draft, "applicant", {"profile": "请打 13812345678"}, version=2, actor=preparer)
    assert [one.key for one in secrecy.look_through(draft).findings] == ["applicant.profile"]


def test_tables_and_instances_are_looked_through(draft, preparer):
    uid = ScenarioInstance.objects.filter(declaration=draft).first().uid
    services.save_instance(draft, uid, {"name": "北纬30.25度的产线"}, version=1, actor=preparer)
    rows = [{"name": "集成商", "work": "内部文件", "amount": "1", "origin": "domestic"}]
    write(draft, preparer, integrators=rows)
    keys = {one.key for one in secrecy.look_through(draft).serious}
    assert keys == {f"scenarios.{uid}.name", "factory.integrators"}


class TestMending:
    def test_covered_numbers_stay_recognisable(self, draft, preparer):
        write(draft, preparer, summary=f"甲 {ID_CARD} 乙 {ID_CARD}", effect=f"丙 {ID_CARD}")
        mending.cover(draft, "factory.summary", "id_card", actor=preparer)
        data = SectionContent.objects.get(declaration=draft, key="factory").data
        assert data["summary"] == "甲 110*************2X 乙 110*************2X"
        assert data["effect"] == f"丙 {ID_CARD}"

    def test_cells_and_instances_are_covered(self, draft, preparer):
        uid = ScenarioInstance.objects.filter(declaration=draft).first().uid
        services.save_instance(draft, uid, {"name": "北纬30.25度的产线"}, version=1, actor=preparer)
        mending.cover(draft, f"scenarios.{uid}.name", "coordinates", actor=preparer)
        assert ScenarioInstance.objects.get(uid=uid).data["name"] == "（坐标已隐去）的产线"
        write(draft, preparer, integrators=[{"name": f"甲{'　'}{ID_CARD}", "work": "集成", "amount": "1"}])
        mending.cover(draft, "factory.integrators", "id_card", actor=preparer)
        assert secrecy.look_through(draft).serious == ()

    @pytest.mark.parametrize(
        ("key", "code"),
        [
            ("factory.summary", "mark"),
            ("factory.summary", "no"),
            ("factory.no", "phone"),
            ("no.no", "phone"),
            ("x", "phone"),
        ],
    )
    def test_what_cannot_be_covered(self, draft, preparer, key, code):
        with pytest.raises(mending.NotThere):
            mending.cover(draft, key, code, actor=preparer)

    def test_file_is_replaced_by_its_clean_copy(self, draft, preparer):
        one = with_file(draft, preparer)
        assert [(f.rule.code, f.hit, f.mend) for f in secrecy.look_through(draft).findings] == [
            ("person", "周敏", "strip")
        ]
        before = one.file_id
        mending.strip(draft, one.public_id, actor=preparer)
        one.refresh_from_db()
        assert one.file_id != before
        assert secrecy.look_through(draft).findings == ()

    def test_nothing_is_mended_once_submitted(self, policy):
        declaration = made.make_declaration(status="submitted")
        preparer = made.people_of(declaration)[0]
        file = declaration.evidence.first()
        for act in (
            lambda: mending.strip(declaration, file.public_id, actor=preparer),
            lambda: mending.cover(declaration, "factory.summary", "phone", actor=preparer),
        ):
            with pytest.raises(mending.LateChangeError):
                act()


def with_file(draft, preparer, **hides):
    """Replace the credit report by one that names its author."""
    import io

    field = content.describe(draft.track).section("applicant").by_key["credit_report"]
    Evidence.objects.filter(declaration=draft, field="credit_report").delete()
    return evidence.add(draft, field, io.BytesIO(pdf(author="周敏", **hides)), "信用报告.pdf", actor=preparer)


class TestConfirming:
    def submit(self, draft, signatory, promises):
        from declarations.deadlines import server_time

        draft.refresh_from_db()
        return services.submit(
            draft, actor=signatory, version=draft.version, promises=promises, key="k", received_at=server_time()
        )

    def test_nothing_serious_needs_no_confirmation(self, draft, preparer, signatory):
        with_file(draft, preparer)
        kept = self.submit(draft, signatory, PROMISES).content["secrecy"]
        assert (kept["found"], kept["serious"]) == ({"person": 1}, 0)

    def test_serious_findings_wait_for_the_signatory(self, draft, preparer, signatory):
        with_file(draft, preparer, comments=1)
        with pytest.raises(workflow.Blocked, match="脱密自查有 1 处还没有确认"):
            self.submit(draft, signatory, PROMISES)
        kept = self.submit(draft, signatory, [*PROMISES, secrecy.CONFIRMED]).content["secrecy"]
        assert (kept["found"], kept["serious"]) == ({"comment": 1, "person": 1}, 1)
        assert kept["rules"] == patterns.rules().digest

    def test_receipt_says_so(self, draft, preparer, signatory, client_for, address):
        with_file(draft, preparer, comments=1)
        self.submit(draft, signatory, [*PROMISES, secrecy.CONFIRMED])
        page = client_for(preparer).get(address("revisions/1/")).content.decode()
        assert "1 处由企业负责人逐处看过并确认" in page


class TestPage:
    def test_clean_declaration(self, client_for, preparer, address):
        assert "没有发现要处理的内容" in client_for(preparer).get(address("secrecy/")).content.decode()

    def test_finding_with_its_place_and_act(self, draft, preparer, client_for, address):
        write(draft, preparer, summary=f"负责人身份证 {ID_CARD}")
        client = client_for(preparer)
        page = client.get(address("secrecy/")).content.decode()
        assert "共 1 处：1 处请逐处看过" in page
        assert f"{address('factory/')}?checked=1#div_id_summary" in page
        assert ID_CARD not in page
        answer = client.post(address("secrecy/"), {"cover": "factory.summary", "code": "id_card"})
        assert answer.url == address("secrecy/")
        assert "没有发现要处理的内容" in client.get(address("secrecy/")).content.decode()

    def test_every_page_counts_the_same(self, draft, preparer, signatory, client_for, address):
        with_file(draft, preparer, comments=1)
        write(draft, preparer, summary=f"负责人身份证 {ID_CARD}，内部文件")
        report, said = secrecy.look_through(draft), "共 4 处：3 处请逐处看过，1 处可以顺手清理"
        assert report.count.words == said
        page = client_for(preparer).get(address("secrecy/"))
        assert said in page.text
        groups = page.context["groups"]
        assert sum(one["count"].total for one in groups) == sum(len(one["items"]) for one in groups) == 4
        assert "2 处，1 处要看，1 处可清理" in page.text
        assert "2 处要看" in page.text
        submit = client_for(signatory).get(address("submit/")).text
        assert f"脱密自查：{said}。" in submit
        assert "脱密自查的 3 处我已逐处看过" in submit
        assert secrecy.look_through(draft).as_json()["serious"] == report.count.serious

    def test_what_lies_in_no_part_of_the_form_is_listed_too(self, draft, preparer, client_for, address):
        one = with_file(draft, preparer)
        Evidence.objects.filter(pk=one.pk).update(section="former")
        page = client_for(preparer).get(address("secrecy/"))
        assert [(group["title"], group["count"].total) for group in page.context["groups"]] == [("别的附件", 1)]
        assert "共 1 处：没有需要确认的内容，1 处可以顺手清理" in page.text

    def test_reader_sees_and_does_nothing(self, draft, preparer, client_for, address):
        from tests.factories.organisations import make_member

        one = with_file(draft, preparer)
        client = client_for(make_member("reader", enterprise=draft.enterprise))
        assert 'name="strip"' not in client.get(address("secrecy/")).content.decode()
        assert client.post(address("secrecy/"), {"strip": one.public_id}).status_code == 404

    def test_file_is_cleaned_from_the_page(self, draft, preparer, client_for, address):
        one = with_file(draft, preparer)
        client = client_for(preparer)
        page = client.post(address("secrecy/"), {"strip": one.public_id}, follow=True).content.decode()
        assert "隐藏信息已清理，内容没有变" in page
        for sent in ({"strip": "0" * 32}, {"cover": "factory.summary", "code": "no"}, {}):
            assert client.post(address("secrecy/"), sent).status_code == 302

    def test_submit_page_asks(self, draft, preparer, signatory, client_for, address):
        write(draft, preparer, summary="摘自内部资料")
        page = client_for(signatory).get(address("submit/")).content.decode()
        assert 'value="secrecy-check"' in page


class TestRules:
    def test_broken_row_is_named(self, tmp_path):
        place = tmp_path / "secrecy.yaml"
        place.write_text("texts: [{code: x, title: x}]\nfiles: []", encoding="utf-8")
        with pytest.raises(ValueError, match="x 缺少 serious、advice、clause、standing"):
            patterns.read(place)

    def test_every_kind_has_its_row(self, tmp_path):
        place = tmp_path / "secrecy.yaml"
        place.write_text("texts: []\nfiles: []", encoding="utf-8")
        with pytest.raises(ValueError, match="files 要写全"):
            patterns.read(place)

    def test_bad_expression_is_named(self, tmp_path):
        row = "{code: x, title: x, serious: true, advice: x, clause: x, standing: unverified, find: ['(']}"
        place = tmp_path / "secrecy.yaml"
        place.write_text(f"texts: [{row}]\nfiles: []", encoding="utf-8")
        with pytest.raises(ValueError, match="x："):
            patterns.read(place)


def test_files_are_read_once(draft, preparer, monkeypatch):
    with_file(draft, preparer)
    first = secrecy.look_through(draft).as_json()
    monkeypatch.setattr("smartfactory.models.StoredFile.read", lambda self: pytest.fail("read again"))
    assert secrecy.look_through(draft).as_json() == first
