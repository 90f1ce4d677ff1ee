"""What the pages of a scan amount to: every way a bundle of paper can be wrong has its own words."""

import pytest

from recommendations.scans import matching
from smartfactory.scanning.reading import STOPPED, PageRead

OURS, OLD, ELSE, NEVER = "A" * 16, "B" * 16, "C" * 16, "D" * 16
EXPECTED = matching.Expected(
    OURS, {"sheet": 3, "letter": 1}, frozenset({OLD}), lambda code: "某市《别的名单》" if code == ELSE else ""
)
AREA = {"left": 1, "top": 2, "right": 3, "bottom": 4}


def page(number, document="sheet", code=OURS, total=3, **more):
    said = {
        "code": code, "several": False, "document": document, "number": number, "total": total, "compared": True,
        "changed": [], "added": [],
    }  # fmt: skip
    return said | more


def found(*said):
    return matching.findings([PageRead(0, at, one) for at, one in enumerate(said, 1)], EXPECTED)


LETTER = page(1, "letter", total=1)


def test_whole_and_alike():
    answer = found(LETTER, page(1), page(2), page(3))
    assert (answer["verdict"], answer["problems"], answer["doubts"]) == ("whole", [], 0)
    assert [one["name"] for one in answer["pages"]] == [
        "推荐函第 1 页", "推荐汇总表第 1 页", "推荐汇总表第 2 页", "推荐汇总表第 3 页",
    ]  # fmt: skip
    assert [one["missing"] for one in answer["documents"]] == [[], []]


def test_a_document_that_was_not_handed_in_is_no_fault():
    answer = found(page(1), page(2), page(3))
    assert answer["verdict"] == "whole"
    assert [(one["title"], one["given"]) for one in answer["documents"]] == [("推荐汇总表", True), ("推荐函", False)]


@pytest.mark.parametrize("more", [{"changed": [AREA]}, {"added": [AREA]}, {"compared": False}])
def test_what_looks_different_is_to_be_read_by_people(more):
    answer = found(page(1), page(2, **more), page(3))
    assert (answer["verdict"], answer["problems"]) == ("doubts", [])
    assert answer["pages"][1]["state"] in ("differs", "unseen")


BARE = {"code": OURS, "several": False}


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ([page(1), page(3)], ["推荐汇总表缺第 2 页（共 3 页）"]),
        ([page(1)], ["推荐汇总表缺第 2、3 页（共 3 页）"]),
        ([page(1), page(2), page(2), page(3)], ["上传的第 3 页：推荐汇总表第 2 页重复了。请只留一张"]),
        ([page(2), page(1), page(3)], ["次序不对：推荐汇总表第 1 页排在第 2 页后面"]),
        ([page(1), page(2), page(3), page(2, code=ELSE)], ["上传的第 4 页：这一页是别的文件的第 2 页：某市《别的名单》。请取出"]),
        ([page(1), page(2), page(3), page(2, code=NEVER)], [f"上传的第 4 页：这一页印的校验码 {NEVER} 不是本系统签发的。请取出"]),
        ([page(1), page(2), page(3, code=OLD)], ["推荐汇总表缺第 3 页（共 3 页）", f"上传的第 3 页：这是已作废名单的页（校验码 {OLD}）。请换成现在这份"]),
        ([page(1), page(2), page(3), {"trouble": "no code"}], ["上传的第 4 页：找不到页码二维码。请检查是否盖住、折住或太模糊，用 200 dpi 以上重新扫描"]),
        ([page(1), page(2), page(3), {"trouble": STOPPED}], ["上传的第 4 页：这一页没有读完，读它占用的内存或时间太多。请重新扫描成普通图片"]),
        ([page(1), page(2), page(3), BARE], ["上传的第 4 页：印有本名单的校验码，但没有页码。这是早先的打印，请用现在下载的 PDF 重新打印"]),
        ([page(1), page(2), page(3), page(1, total=2)], ["上传的第 4 页：二维码写的是共 2 页，签发的共 3 页。请用现在下载的 PDF 重新打印"]),
        ([page(1), page(2), page(3), page(1, several=True)], ["上传的第 4 页：这一页上有几个不同的二维码，不能判断是哪一页"]),
        ([page(1), page(2), page(3), page(1, "packet", total=1)], ["上传的第 4 页：这一页是评审材料包，不是要盖章的文件。请取出"]),
        ([page(1, code=ELSE)], ["没有一页是这份名单的推荐汇总表或推荐函", "上传的第 1 页：这一页是别的文件的第 1 页：某市《别的名单》。请取出"]),
    ],
)  # fmt: skip
def test_each_fault_is_named(said, words):
    answer = found(*said)
    assert (answer["verdict"], answer["problems"]) == ("faulty", words)


def test_nothing_at_all_is_a_fault():
    assert found()["verdict"] == "faulty"
