"""A declaration as large as they come, done as people do it: typed, uploaded, imported from Excel, checked, filed,
returned for two answers, corrected and filed again. What changed is those two answers and nothing else."""

import io
import json
import re

import openpyxl
import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from declarations import content, printing, services
from declarations.models import Declaration, ScenarioInstance, SectionContent
from declarations.vocabulary import Kind
from declarations.workbook.plans import plans, shown
from tests.factories.declarations import LONG, PDF, advance, extend_deadline, make_declaration, people_of, sample
from tests.factories.declarations import sample_instances as few

SCENARIOS, PICTURES = 20, 12
RESULTS = [{"name": "换型时间", "unit": "分钟", "before": "96", "after": "17"}]


def picture(number):
    """A photograph's worth of pixels, different for each scenario."""
    drawn = Image.linear_gradient("L").resize((1400, 900)).rotate(number * 7).convert("RGB")
    out = io.BytesIO()
    drawn.save(out, "JPEG", quality=80)
    return SimpleUploadedFile(f"现场{number}.jpg", out.getvalue(), "image/jpeg")


class Desk:
    """The enterprise at work on one declaration, through its pages."""

    def __init__(self, declaration, client):
        self.declaration, self.client = declaration, client
        self.description = content.describe(declaration.track)

    def url(self, rest):
        return f"/declarations/{self.declaration.public_id}/{rest}"

    def version(self, part):
        return SectionContent.objects.get(declaration=self.declaration, key=part).version

    def send(self, rest, data):
        answer = self.client.post(self.url(rest), data)
        assert answer.status_code == 302, answer.content.decode()[:2000]
        return answer

    def type_part(self, section):
        """What is not a table is typed into the page."""
        values = sample(self.description, section)
        plain = {
            key: one for key, one in values.items() if section.by_key[key].kind not in (Kind.TABLE, Kind.INDICATORS)
        }
        several = [key for key in plain if section.by_key[key].kind == Kind.MULTICHOICE]
        head = {"version": self.version(section.key), "multiple": ",".join(several), "go": "stay"}
        self.send(f"{section.key}/", plain | head)
        for field in section.fields:
            if field.kind == Kind.FILES and field.required:
                file = SimpleUploadedFile(f"{field.label}.pdf", PDF)
                self.send(
                    f"{section.key}/",
                    {"version": self.version(section.key), "upload": field.key, f"{field.key}-file": file},
                )

    def import_tables(self):
        """The long tables and the scenarios come from Excel; nothing is taken over before it was looked at."""
        body = self.client.get(self.url("workbook.xlsx")).content
        book = openpyxl.load_workbook(io.BytesIO(body))
        for plan in plans(self.description):
            for row, values in self._rows(plan):
                for place, column in enumerate(plan.columns, 1):
                    if column.key in values:
                        book[plan.name].cell(row, place).value = shown(
                            column, content.clean(column, values[column.key])
                        )
        out = io.BytesIO()
        book.save(out)
        read = self.client.post(self.url("workbook/"), {"workbook": SimpleUploadedFile("长表.xlsx", out.getvalue())})
        assert read.status_code == 200, re.sub(r"\s+", " ", read.content.decode())[:4000]
        assert not ScenarioInstance.objects.filter(declaration=self.declaration).exists()
        self.send("workbook/", {"packed": read.context["packed"]})

    def _rows(self, plan):
        values = sample(self.description, self.description.by_key[plan.section]).get(plan.field.key) or []
        if plan.kind == Kind.INSTANCES:
            some = few(self.description)
            values = [
                some[n % len(some)] | {"name": f"第 {n + 1} 个实例", "description": f"实例{n + 1}：" + LONG * 60}
                for n in range(SCENARIOS)
            ]
        if plan.kind == Kind.INDICATORS:
            asked = [one.number for one in self.description.indicators if not one.computed]
            return [(asked.index(number) + 3, row) for number, row in values.items()]
        return list(enumerate(values, 3))

    def finish_scenarios(self):
        """Each scenario's own table and picture are put in on its page."""
        for one in ScenarioInstance.objects.filter(declaration=self.declaration):
            cells = {f"results-{n}-{key}": text for n, row in enumerate(RESULTS) for key, text in row.items()}
            data = {"version": one.version, "uid": one.uid, "results-rows": len(RESULTS), **cells, "go": "stay"}
            if one.position <= PICTURES:
                data |= {"upload": "figures", "figures-file": picture(one.position)}
            self.send(f"scenarios/{one.position}/", data)


@pytest.fixture
def desk(policy, client_for):
    declaration = make_declaration(filled=False)
    extend_deadline(declaration)
    return Desk(declaration, client_for(people_of(declaration)[0]))


def file(desk, client_for):
    """Look at everything, confirm everything, submit; return the fresh declaration."""
    client = client_for(people_of(desk.declaration)[1])
    assert client.get(desk.url("check/")).context["space"].errors == []
    page = client.get(desk.url("submit/"))
    current = Declaration.objects.get(pk=desk.declaration.pk)
    promises = [*(one.key for one in desk.description.promises), "secrecy"]
    data = {"version": current.version, "idempotency_key": f"k{current.version}" * 8, "seen": page.context["seen"]}
    answer = client.post(desk.url("submit/"), data | {"promise": promises})
    assert answer.status_code == 302, re.sub(r"\s+", " ", answer.content.decode())[:3000]
    return Declaration.objects.get(pk=current.pk)


def test_a_large_declaration_is_filed_returned_for_two_answers_and_filed_again(desk, client_for):
    for section in desk.description.sections:
        desk.type_part(section)
    desk.import_tables()
    desk.finish_scenarios()

    first = file(desk, client_for).latest_revision
    rows = content.rows(first.content, desk.description)
    assert sum(row.table is not None and not row.blank for row in rows) >= 30
    assert sum(len(row.files) for row in rows if row.field.key == "figures") == PICTURES
    assert len(pypdfium2.PdfDocument(printing.declaration(first).pdf)) >= 60

    # The officials ask for two answers: one of a part, one of a scenario.
    scenario = ScenarioInstance.objects.get(declaration=desk.declaration, position=7)
    asked = {"factory.effect", f"scenarios.{scenario.uid}.replicable"}
    advance(desk.declaration, "take_up")
    items = [
        {"section": "factory", "field": "effect", "message": "请写明建设成效数据"},
        {"section": "scenarios", "field": f"{scenario.uid}.replicable", "message": "请写可推广性"},
    ]
    advance(desk.declaration, "return_", items=items)
    desk.declaration.refresh_from_db()

    # Only these two are open; anything else that is sent is left as it was.
    effect = "换型时间由 96 分钟降到 15 分钟。"
    body = {"version": desk.version("factory"), "effect": effect, "summary": "没有退回的一项", "page": "p"}
    answer = desk.client.post(desk.url("factory/autosave/"), body)
    assert answer.status_code == 422
    assert services.LOCKED in json.loads(answer.content)["problems"][0]["message"]
    scenario.refresh_from_db()
    data = {"version": scenario.version, "uid": scenario.uid, "replicable": "已推广到两家配套厂。", "go": "stay"}
    desk.send("scenarios/7/", data)

    second = file(desk, client_for).latest_revision
    assert second.number == 2
    assert {one.key for one in content.diff(first.content, second.content, desk.description)} == asked
    official = client_for(people_of(desk.declaration)[2])
    page = official.get(reverse("declaration_diff", args=[desk.declaration.public_id, 2, 1]))
    comparison = page.context["comparison"]
    assert {one.change.key for one in comparison.asked} == asked
    assert comparison.unasked == []
