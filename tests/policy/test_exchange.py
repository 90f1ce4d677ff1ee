"""An edition as files and as a workbook: out and in again it says the same."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from assessment import changes, loader
from assessment.drafting import checking, documents, exchange, workbook
from assessment.models import Edition, EditionDraft
from assessment.yaml_nodes import plain, read_text
from tests.policy.conftest import said

pytestmark = pytest.mark.django_db


def bring(desk, name, content):
    upload = SimpleUploadedFile(name, content)
    return desk.client.post(reverse("policy_import"), {"authority": "ministry", "file": upload})


def zipped(texts, code="2031"):
    return exchange.packed(code, texts)


def test_every_edition_says_the_same_after_the_workbook(policy):
    for edition in Edition.objects.all():
        nodes = {name: read_text(text, name) for name, text in exchange.texts_of(edition).items()}
        back = workbook.read(workbook.written(nodes))
        assert changes.compare(edition.source, {name: plain(doc) for name, doc in back.items()}).changes == [], (
            edition.code
        )
        loader.checked(edition.code, {name: read_text(text, name) for name, text in _written(back).items()})


def _written(found):
    from assessment.yaml_writer import write

    return {name: write(doc) for name, doc in found.items()}


def test_the_files_of_a_published_edition_load_unchanged(client, policy, tmp_path):
    for edition in Edition.objects.all():
        response = client.get(reverse("policy_edition_file", args=[edition.code, "zip"]))
        assert response.content == exchange.packed(edition.code, exchange.texts_of(edition))
        with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
            archive.extractall(tmp_path)
        assert loader.load(tmp_path / edition.code).outcome == "unchanged", edition.code
    assert client.get(reverse("policy_edition_file", args=["2025", "exe"])).status_code == 404


@pytest.mark.parametrize("kind", ["zip", "xlsx"])
def test_a_draft_goes_out_is_changed_elsewhere_and_comes_in(desk, draft, kind):
    content = desk.client.get(reverse("policy_draft_file", args=[draft.public_id, kind])).content
    assert "已经有一份草案" in said(bring(desk, f"a.{kind}", content))
    desk.act(draft, "discard")
    assert bring(desk, f"a.{kind}", content).status_code == 302
    made = EditionDraft.objects.get(code="2026", status="drafting")
    assert checking.faults(made) == []
    found = [{name: plain(doc) for name, doc in documents.read(one).items()} for one in (draft, made)]
    assert changes.compare(*found).changes == []


def test_a_place_s_folder_is_read_on_top_of_the_edition_it_extends(desk):
    folder = loader.EDITIONS / "2024-hebei"
    texts = {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.yaml")}
    texts = {name: text.replace("2024-hebei", "2031-hebei") for name, text in texts.items()}
    assert bring(desk, "hebei.zip", zipped(texts)).status_code == 302
    draft = EditionDraft.objects.get(code="2031-hebei")
    assert checking.faults(draft) == []
    assert len(documents.read(draft)["conditions"]["conditions"]) > 100


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ({"edition": "code: ["}, "写法不符合 YAML"),
        ({"edition": "- 1"}, "结构不对"),
        ({"edition": "code: '2031'", "quotas": "quotas: 5"}, "结构不对"),
        ({"edition": "code: '2031'", "quotas": "quotas: [5]"}, "结构不对"),
        ({"edition": "title: 甲"}, "没有写 code"),
        ({"quotas": "quotas: []"}, "没有 edition.yaml"),
        ({"edition": "code: '2024'"}, "已经有版次"),
        ({"edition": "code: ../../x"}, "不合写法"),
        ({"edition": "{code: '2031', extends: '1999'}"}, "没有可以沿用的版次"),
        ({"edition": "code: '2031'", "secrets": "a: b"}, "不认识的文件“secrets.yaml”"),
        ({"edition": "a: " + "[" * 5000}, "写法不符合 YAML"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(desk, texts, words):
    response = bring(desk, "a.zip", zipped(texts))
    assert response.status_code == 422
    assert words in said(response)
    assert not EditionDraft.objects.exists()


def test_what_is_no_archive_is_refused_in_words(desk):
    assert "不是能打开的 zip" in said(bring(desk, "a.zip", b"PK\x03\x04 nothing"))
    assert "不是能打开的 zip" in said(bring(desk, "a.txt", b"code: '2031'"))
    assert "Excel" in said(bring(desk, "a.xlsx", b"PK\x03\x04 nothing"))


def test_errors_of_the_rules_come_in_with_the_draft_and_stop_it(desk):
    texts = {one: text.replace("2025", "2031") for one, text in _texts("2025").items()}
    texts["quotas"] = texts["quotas"].replace("low: 11", "low: 10")
    assert bring(desk, "a.zip", zipped(texts)).status_code == 302
    draft = EditionDraft.objects.get(code="2031")
    assert any("和上一档重叠" in one.message for one in checking.faults(draft))
    assert desk.act(draft, "propose").status_code == 422


def _texts(code):
    return {path.stem: path.read_text(encoding="utf-8") for path in (loader.EDITIONS / code).glob("*.yaml")}


def test_a_wrong_cell_is_named(desk, edition):
    nodes = {name: read_text(text, name) for name, text in exchange.texts_of(edition).items()}
    nodes["quotas"]["quotas"][0]["limit"] = "四十"
    response = bring(desk, "a.xlsx", workbook.written(nodes))
    assert "工作表“quotas.quotas”第 2 行的名额：应是整数" in said(response)
