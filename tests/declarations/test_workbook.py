"""Excel both ways: what goes out comes back unchanged, every wrong cell is named, all or nothing is taken over."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from declarations import content, services, workbook
from declarations.models import Declaration, ScenarioInstance, SectionContent
from declarations.vocabulary import Kind
from declarations.workbook.plans import plans
from smartfactory.files import BadFile
from smartfactory.models import AuditEntry
from tests.factories import declarations as made

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def changed(body, *cells):
    """The workbook with (sheet, column title, row below the header, value) written into it."""
    book = openpyxl.load_workbook(io.BytesIO(body))
    for sheet, title, row, value in cells:
        page = book[sheet]
        titles = {str(cell.value).rstrip("*"): cell.column for cell in page[2]}
        page.cell(row + 2, titles[title]).value = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture
def uids(draft):
    return list(ScenarioInstance.objects.filter(declaration=draft).values_list("uid", flat=True))


@pytest.fixture
def read(draft, description, uids):
    return lambda body: workbook.read(body, description, set(uids))


@pytest.fixture
def rehearse(draft, preparer, read):
    """Read a workbook and say which answers it would change, with the texts that would come."""

    def run(body):
        reading = read(body)
        assert reading.errors == []
        changes = workbook.rehearse(draft, workbook.pack(draft, reading), actor=preparer)
        return {one.key: "".join(text for _, text in one.new) for one in changes}

    return run


def test_every_long_table_has_its_sheet(draft, description):
    book = openpyxl.load_workbook(io.BytesIO(workbook.template(draft)))
    names = [one.name for one in plans(description)]
    assert book.sheetnames == [*names, "选项"]
    assert book["选项"].sheet_state == "hidden"
    assert {"近三年财务情况", "关键绩效指标", "场景实例"} <= set(names)
    assert len(names) == len(set(names))


def test_choices_are_drop_downs(draft):
    book = openpyxl.load_workbook(io.BytesIO(workbook.template(draft)))
    rule = book["近三年财务情况"].data_validations.dataValidation[0]
    assert (rule.type, str(rule.sqref).split(":")[0]) == ("list", "H3")
    sheet, area = rule.formula1.split("!")
    assert [cell.value for (cell,) in book[sheet][area.replace("$", "")]] == ["已审", "未审"]


@pytest.mark.parametrize("track", ["2024-excellence", "2025-excellence", "2025-pioneer"])
def test_what_goes_out_comes_back_unchanged(policy, track):
    declaration = made.make_declaration(track=track)
    preparer = made.people_of(declaration)[0]
    known = set(ScenarioInstance.objects.filter(declaration=declaration).values_list("uid", flat=True))
    reading = workbook.read(workbook.template(declaration), content.describe(declaration.track), known)
    assert reading.errors == []
    assert workbook.rehearse(declaration, workbook.pack(declaration, reading), actor=preparer) == []


def test_empty_form_comes_back_empty(policy):
    declaration = made.make_declaration(filled=False)
    reading = workbook.read(workbook.template(declaration), content.describe(declaration.track), set())
    assert reading.errors == []
    assert not any(value for part in reading.values.values() for value in part.values())
    assert reading.instances == []


def test_cells_become_answers(draft, rehearse, uids):
    body = changed(
        workbook.template(draft),
        ("近三年财务情况", "营业收入", 1, 61500.0),
        ("近三年财务情况", "是否审计", 1, "未审"),
        ("场景实例", "实例名称", 1, "换了名字的实例"),
        ("场景实例", "是否应用人工智能", 1, "否"),
    )
    new = rehearse(body)
    assert "61,500" in new["applicant.finances"]
    assert "未审" in new["applicant.finances"]
    assert new[f"scenarios.{uids[0]}.name"] == "换了名字的实例"


def test_rehearsal_keeps_nothing(draft, rehearse):
    before = content.payload(draft)
    assert rehearse(changed(workbook.template(draft), ("近三年财务情况", "营业收入", 1, "1")))
    assert content.payload(Declaration.objects.get(pk=draft.pk)) == before


@pytest.mark.parametrize(
    ("sheet", "title", "value", "place", "words"),
    [
        ("近三年财务情况", "营业收入", "六万", "B3", "营业收入应是数，现在是“六万”"),
        ("近三年财务情况", "年度", "2021.5", "A3", "年度应是整数"),
        ("近三年财务情况", "是否审计", "审过", "H3", "是否审计没有“审过”这一项。可选：已审、未审"),
        ("近三年财务情况", "总资产", "#REF!", "D3", "总资产是公式的错误值 #REF!"),
        ("场景实例", "系统编号（不要改）", "zzzz", "第 3 行", "系统编号 zzzz 不是这份申报书的场景"),
        ("关键绩效指标", "序号", "99", "第 3 行", "序号 99不在要填的指标里"),
    ],
)
def test_wrong_cells_are_named(draft, read, sheet, title, value, place, words):
    reading = read(changed(workbook.template(draft), (sheet, title, 1, value)))
    assert [(one.sheet, one.place) for one in reading.errors] == [(sheet, place)]
    assert reading.errors[0].message.startswith(words)


def test_missing_column_is_named(draft, read):
    book = openpyxl.load_workbook(io.BytesIO(workbook.template(draft)))
    book["近三年财务情况"]["B2"] = "收入"
    out = io.BytesIO()
    book.save(out)
    assert [one.message for one in read(out.getvalue()).errors] == ["表头缺少 营业收入。请从模板里复制表头"]


def test_too_many_rows_are_named(draft, read):
    rows = [("近三年财务情况", "年度", row, 2021) for row in range(4, 7)]
    found = read(changed(workbook.template(draft), *rows)).errors
    assert [(one.place, one.message) for one in found] == [
        ("第 6 行", "近三年财务情况最多 3 行，这里有 6 行。请删去多余的")
    ]


def test_impossible_cells_are_named(draft, read):
    rows = [("近三年财务情况", "年度", 1, 1800), ("近三年财务情况", "营业收入", 2, -5)]
    found = read(changed(workbook.template(draft), *rows)).errors
    assert [one.message for one in found] == [
        "年度应是 2021、2022、2023 年中的一年，现在是 1800。请填通知要的年度",
        "营业收入不能小于 0，现在是 -5。请核对",
    ]


def test_instance_named_twice_is_refused(draft, read, uids):
    cell = ("场景实例", "系统编号（不要改）", 2, uids[0])
    assert "在前面已经有了" in read(changed(workbook.template(draft), cell)).errors[0].message


def test_dropped_sheet_is_left_alone(draft, read, rehearse):
    book = openpyxl.load_workbook(io.BytesIO(changed(workbook.template(draft), ("近三年财务情况", "营业收入", 1, "1"))))
    del book["近三年财务情况"]
    out = io.BytesIO()
    book.save(out)
    assert rehearse(out.getvalue()) == {}


@pytest.mark.parametrize("body", [b"", b"no workbook", b"PK\x03\x04 broken"])
def test_what_is_no_workbook_is_refused(read, body):
    with pytest.raises(BadFile):
        read(body)


def test_foreign_workbook_is_refused(read):
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    with pytest.raises(BadFile, match="没有本系统的工作表"):
        read(out.getvalue())


def test_sheet_that_claims_a_million_rows_is_read_quickly(draft, read):
    book = openpyxl.load_workbook(io.BytesIO(workbook.template(draft)))
    book["近三年财务情况"].cell(1048576, 16384).value = "x"
    out = io.BytesIO()
    book.save(out)
    assert read(out.getvalue()).errors == []


class TestTakingOver:
    @pytest.fixture
    def packed(self, draft, read):
        body = changed(
            workbook.template(draft),
            ("近三年财务情况", "营业收入", 1, "61500"),
            ("场景实例", "实例名称", 1, "换了名字的实例"),
            ("场景实例", "实例名称", 6, "新增的实例"),
        )
        return workbook.pack(draft, read(body))

    def test_everything_is_written(self, draft, preparer, packed):
        workbook.take_over(draft, packed, actor=preparer)
        assert SectionContent.objects.get(declaration=draft, key="applicant").data["finances"][0]["revenue"] == "61500"
        names = list(ScenarioInstance.objects.filter(declaration=draft).values_list("data__name", flat=True))
        assert (names[0], names[5], len(names)) == ("换了名字的实例", "新增的实例", 6)
        assert AuditEntry.objects.filter(act="declaration.import", actor=preparer).count() == 1

    def test_colleague_in_between_stops_all_of_it(self, draft, preparer, signatory, packed):
        uid = ScenarioInstance.objects.filter(declaration=draft).first().uid
        services.save_instance(draft, uid, {"models": "3"}, version=1, actor=signatory)
        before = content.payload(Declaration.objects.get(pk=draft.pk))
        with pytest.raises(workbook.Refused, match="同事改过"):
            workbook.take_over(draft, packed, actor=preparer)
        assert content.payload(Declaration.objects.get(pk=draft.pk)) == before

    def test_submitted_meanwhile(self, draft, preparer, packed):
        Declaration.objects.filter(pk=draft.pk).update(status="submitted")
        with pytest.raises(workbook.Refused, match="不能改"):
            workbook.take_over(draft, packed, actor=preparer)

    def test_fields_not_returned_stay(self, policy):
        declaration = made.make_declaration(status="returned")
        preparer = made.people_of(declaration)[0]
        known = set(ScenarioInstance.objects.filter(declaration=declaration).values_list("uid", flat=True))
        body = changed(workbook.template(declaration), ("近三年财务情况", "营业收入", 1, "1"))
        packed = workbook.pack(declaration, workbook.read(body, content.describe(declaration.track), known))
        with pytest.raises(workbook.Refused, match="这一项没有退回"):
            workbook.take_over(declaration, packed, actor=preparer)

    def test_sealed_for_one_declaration(self, draft, preparer, packed):
        other = made.make_declaration()
        for bad in (packed + "x", "", "a:b:c"):
            with pytest.raises(workbook.Refused, match="放得太久"):
                workbook.take_over(draft, bad, actor=preparer)
        with pytest.raises(workbook.Refused, match="放得太久"):
            workbook.take_over(other, packed, actor=preparer)


class TestPage:
    def send(self, client, address, body, name="长表.xlsx"):
        from django.core.files.uploadedfile import SimpleUploadedFile

        return client.post(address("workbook/"), {"workbook": SimpleUploadedFile(name, body, XLSX)})

    def test_download_upload_look_take_over(self, draft, preparer, client_for, address):
        client = client_for(preparer)
        body = client.get(address("workbook.xlsx")).content
        page = self.send(client, address, changed(body, ("近三年财务情况", "营业收入", 1, "61500"))).content.decode()
        assert "导入后会变的 1 项" in page
        assert SectionContent.objects.get(declaration=draft, key="applicant").version == 1
        packed = page.split('name="packed" value="')[1].split('"')[0]
        answer = client.post(address("workbook/"), {"packed": packed})
        assert answer.url == address()
        assert SectionContent.objects.get(declaration=draft, key="applicant").version == 2
        assert "没有导入" in client.post(address("workbook/"), {"packed": packed}).content.decode()

    def test_errors_are_listed(self, preparer, client_for, address, draft):
        body = changed(workbook.template(draft), ("近三年财务情况", "营业收入", 1, "=六万"))
        answer = self.send(client_for(preparer), address, body)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "有 1 处读不懂，没有导入" in page
        assert ">B3<" in page

    @pytest.mark.parametrize("body", [b"", b"text"])
    def test_no_workbook(self, preparer, client_for, address, body):
        assert "没有导入" in self.send(client_for(preparer), address, body).content.decode()

    def test_nothing_chosen(self, preparer, client_for, address):
        assert "还没有选择文件" in client_for(preparer).post(address("workbook/")).content.decode()

    def test_same_content(self, preparer, client_for, address, draft):
        assert "和现在填的一样" in self.send(client_for(preparer), address, workbook.template(draft)).content.decode()

    def test_submitted_declaration_leads_to_what_was_filed(self, policy, client_for):
        declaration = made.make_declaration(status="submitted")
        client = client_for(made.people_of(declaration)[0])
        where = f"/declarations/{declaration.public_id}/"
        assert client.get(f"{where}workbook/").url == f"{where}revisions/1/"
        assert client.post(f"{where}workbook/").url == f"{where}revisions/1/"


# What is shown before it is taken over


@pytest.fixture
def preview(draft, preparer, client_for, address):
    """Upload a workbook and return the answer with what it shows."""

    def send(body):
        sent = {"workbook": SimpleUploadedFile("长表.xlsx", body)}
        return client_for(preparer).post(address("workbook/"), sent)

    return send


def rows_of(page, label):
    table = next(one for one in page.context["shown"].tables if one.change.label.startswith(label))
    return table, [(one.act, one.number) for one in table.rows]


def test_only_the_rows_that_differ_are_shown(draft, preview):
    body = workbook.template(draft)
    page = preview(changed(body, ("近三年财务情况", "营业收入", 2, "987654")))
    table, rows = rows_of(page, "近三年财务情况")
    assert rows == [("改", 2)]
    assert [one.new for one in table.rows[0].cells if one.old != one.new] == ["987,654"]
    assert table.words == "改 1 行，没变 2 行"
    assert "<ins>987,654</ins>" in page.text
    shown = page.text[page.text.index('<h2 id="t-1"') : page.text.index("导入这 1 项")]
    assert shown.count("<tr>") == 2
    assert "不变的：" in page.text
    assert "场景实例 5 个" in page.text
    assert SectionContent.objects.get(declaration=draft, key="applicant").version == 1


def test_rows_come_go_and_are_counted(draft, preparer, preview):
    rows = [{"name": f"奖项{number}", "level": "省级", "year": 2020 + number} for number in range(4)]
    services.save_section(draft, "applicant", {"honours": rows}, version=1, actor=preparer)
    new = [rows[0], rows[2] | {"level": "国家级"}, rows[3], {"name": "新奖项", "level": "市级", "year": 2024}]
    other = made.make_declaration(enterprise=draft.enterprise, track="2025-excellence", filled=False)
    version = other.contents.get(key="applicant").version
    services.save_section(other, "applicant", {"honours": new}, version=version, actor=preparer)
    book, page = (openpyxl.load_workbook(io.BytesIO(workbook.template(one))) for one in (draft, other))
    for row in range(3, 8):
        for column in range(1, 6):
            book["资质和荣誉"].cell(row, column).value = page["资质和荣誉"].cell(row, column).value
    out = io.BytesIO()
    book.save(out)
    table, acts = rows_of(preview(out.getvalue()), "资质和荣誉")
    assert acts == [("改", 2), ("删", 2), ("加", 4)]
    assert table.words == "改 1 行，加 1 行，删 1 行，没变 2 行"


def test_indicators_are_shown_one_by_one(draft, preview):
    table, rows = rows_of(
        preview(changed(workbook.template(draft), ("关键绩效指标", "说明", 3, "口径同上年"))), "关键绩效指标"
    )
    assert [act for act, _ in rows] == ["改"]
    assert table.rows[0].cells[-1].new == "口径同上年"
    assert table.same == 19


def test_indicators_nobody_answered_yet_are_not_all_new(draft, preparer, preview):
    row = SectionContent.objects.get(declaration=draft, key="outcomes")
    key = next(
        one.key for one in content.describe(draft.track).section("outcomes").fields if one.kind == Kind.INDICATORS
    )
    body = workbook.template(draft)
    SectionContent.objects.filter(pk=row.pk).write(data={**row.data, key: {"1": row.data[key]["1"]}})
    _, acts = rows_of(preview(body), "关键绩效指标")
    assert {act for act, _ in acts} == {"改"}
    assert 1 not in {number for _, number in acts}


def test_nothing_changed_says_so(draft, preview):
    page = preview(workbook.template(draft))
    assert "和现在填的一样" in page.text
    assert page.context["shown"].tables == []


# What was changed online after the workbook was handed out


@pytest.fixture
def edited(draft, signatory, uids):
    """A workbook with two answers written in it; a colleague changed one of them, another answer and a scenario since."""
    body = changed(
        workbook.template(draft),
        ("近三年财务情况", "营业收入", 1, "61500"),
        ("场景实例", "实例名称", 1, "换了名字的实例"),
    )
    rows = SectionContent.objects.get(declaration=draft, key="applicant").data["finances"]
    values = {"finances": [rows[0] | {"profit": "7777"}, *rows[1:]]}
    services.save_section(draft, "applicant", values, version=1, actor=signatory)
    services.save_instance(draft, uids[1], {"models": "9"}, version=1, actor=signatory)
    return body


def said(declaration, uids):
    rows = SectionContent.objects.get(declaration=declaration, key="applicant").data["finances"]
    scenarios = {one.uid: one.data for one in ScenarioInstance.objects.filter(declaration=declaration)}
    return rows[0]["revenue"], rows[0]["profit"], scenarios[uids[0]]["name"], scenarios[uids[1]]["models"]


def import_of(page, chosen):
    return {"packed": page.context["packed"], "chosen": chosen}


def test_what_was_changed_online_since_is_named_and_left(
    draft, edited, preview, signatory, uids, client_for, preparer, address
):
    page, before = preview(edited), said(draft, uids)
    models = f"scenarios.{uids[1]}.models"
    assert {one.key for one, _ in page.context["asked"]} == {"applicant.finances", models}
    assert all(mark.by == signatory.display for mark in page.context["late"].values())
    assert "有 2 项下载以后网上改过" in page.text
    assert 'name="chosen" value="applicant.finances"' in page.text
    assert page.context["packed"] in page.text
    answer = client_for(preparer).post(address("workbook/"), import_of(page, ["rubbish\x00"]), follow=True)
    assert "没有勾选的 2 项没有导入" in answer.text
    assert said(draft, uids) == (*before[:2], "换了名字的实例", before[3])
    assert before[1] == "7777"


def test_what_is_ticked_is_written_over(draft, edited, preview, uids, client_for, preparer, address):
    page = preview(edited)
    answer = client_for(preparer).post(address("workbook/"), import_of(page, ["applicant.finances"]), follow=True)
    assert "没有勾选的 1 项没有导入" in answer.text
    revenue, profit, name, models = said(draft, uids)
    assert (revenue, name, str(models)) == ("61500", "换了名字的实例", "9")
    assert profit != "7777"


def test_a_workbook_without_versions_is_of_now_and_says_so(draft, edited, preview, uids):
    for description in (None, "旧的", "下载时的版本，请不要改：[1,2,3]", "x" * 70000):
        book = openpyxl.load_workbook(io.BytesIO(edited))
        book.properties.description = description
        out = io.BytesIO()
        book.save(out)
        page = preview(out.getvalue())
        assert page.context["late"] == {}
        assert "没有记着下载时的版本" in page.text
    assert "没有记着下载时的版本" not in preview(workbook.template(draft)).text


def test_another_declarations_versions_say_nothing(draft):
    other = made.make_declaration(enterprise=draft.enterprise, track="2025-excellence", filled=False)
    assert workbook.stamped(draft, workbook.template(other)) is None
    assert workbook.stamped(draft, workbook.template(draft))["parts"]["applicant"] == 1
