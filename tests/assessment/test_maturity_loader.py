"""Loading versions of the maturity standard: weights, bands, one active version."""

import shutil

import pytest

from assessment import loader, maturity_loader
from assessment.models import MaturityStandard


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(maturity_loader.FOLDER, tmp_path / "maturity")


def refusal(folder, old, new, name="2020.yaml"):
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(loader.Refused) as caught:
        maturity_loader.load_all(folder)
    return str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("{process: 6, discrete: 6}", "{process: 7, discrete: 6}", "顶层各节点的process权重合计是 101，应是 100"),
        ("{process: 50, discrete: 50}", "{process: 50, discrete: 40}", "人员各节点的discrete权重合计是 90，应是 100"),
        ("{process: 6, discrete: 6}", "{process: 6, discrete: 6, batch: 1}", "制造类型“batch”没有定义"),
        ("{process: 6, discrete: 6}", "{process: 很大, discrete: 6}", "权重应是大于 0"),
        ("lower: 1.8}", "lower: 0.8}", "档位重叠：2 级"),
        ("level: 3, name", "level: 4, name", "这里应是 3，现在是 4"),
        ("name: 一级以下, lower: 0}", "name: 一级以下, lower: 0.1}", "第一档的下限应是 0"),
        ("code: P2", "code: P1", "编码“P1”重复"),
        ("requirements: [2, 2, 2, 0, 0]", "requirements: [2, 两, 2, 0, 0]", "要求条数应是"),
        ("satisfied_at: 0.8", "satisfied_at: 高", "“satisfied_at”应是数"),
        ("active: true", "actve: true", "不认识“actve”"),
    ],
)
def test_a_faulty_definition_is_refused_with_file_and_line(folder, db, old, new, words):
    message = refusal(folder, old, new)
    assert words in message
    assert "maturity/2020.yaml:" in message


@pytest.mark.django_db
def test_a_version_with_missing_weights_cannot_be_active(folder):
    (folder / "2020.yaml").unlink()
    assert "权重合计是" in refusal(folder, "active: false", "active: true", "2024-draft.yaml")


@pytest.mark.django_db
def test_only_one_version_is_active(folder):
    text = (folder / "2020.yaml").read_text(encoding="utf-8").replace('code: "2020"', 'code: "2020b"')
    (folder / "2021.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(loader.Refused, match="只能启用一个版本"):
        maturity_loader.load_all(folder)


@pytest.mark.django_db
def test_loading_again_changes_nothing(folder):
    maturity_loader.load_all(folder)
    assert [outcome for _, outcome in maturity_loader.load_all(folder)] == ["unchanged", "unchanged"]
    assert MaturityStandard.objects.get(active=True).code == "2020"
    assert maturity_loader.active() == maturity_loader.from_files()


@pytest.mark.django_db
def test_without_a_loaded_version_the_files_decide():
    MaturityStandard.objects.all().delete()
    assert maturity_loader.active().code == "2020"


def test_everything_about_the_standard_is_marked_unverified():
    for path in maturity_loader.FOLDER.glob("*.yaml"):
        assert maturity_loader.read_standard(path)["standing"] == "unverified"
