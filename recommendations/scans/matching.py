"""What the pages of a scan amount to, held against the documents that were issued. Pure: no database, no files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from recommendations.models import ScanVerdict
from smartfactory.scanning.reading import STOPPED, PageRead

# Of one page: it is ours; its picture is to be looked at; or why it is not a page of the stamped paper.
SAME, UNSEEN, DIFFERS, DOUBLED = "same", "unseen", "differs", "doubled"
FOREIGN, SUPERSEDED, NAMELESS, MISPRINT, UNREADABLE, AMBIGUOUS = (
    "foreign", "superseded", "nameless", "misprint", "unreadable", "ambiguous",
)  # fmt: skip
OURS = (SAME, UNSEEN, DIFFERS)
TITLES = {
    "sheet": "推荐汇总表",
    "letter": "推荐函",
    "declaration": "申报书",
    "desk": "申报书",
    "receipt": "提交回执",
    "packet": "评审材料包",
}


@dataclass(frozen=True)
class Expected:
    """The sealed list's own code and how many pages each of its documents has; `lists` names codes of replaced lists."""

    code: str
    totals: Mapping[str, int]
    withdrawn: frozenset[str] = frozenset()
    # What the register says of another code, "" if it never issued it.
    title_of: Callable[[str], str] = lambda code: ""


@dataclass
class Page:
    """One page of the scan: where it came from, what it claims to be, and what is wrong with it in words."""

    file: int
    at: int
    state: str
    words: str
    document: str = ""
    number: int = 0
    changed: list[dict[str, int]] = field(default_factory=list)
    added: list[dict[str, int]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{TITLES[self.document]}第 {self.number} 页" if self.document else ""


def findings(read: Sequence[PageRead], expected: Expected) -> dict[str, Any]:
    """The whole result as it is kept: every page, every document, the order, and what is wrong in sentences."""
    pages = list(_pages(read, expected))
    documents = [_document(kind, total, pages) for kind, total in expected.totals.items()]
    problems = [*_missing(documents), *_misplaced(pages)]
    bad = [one for one in pages if one.state not in OURS]
    problems += [f"上传的第 {place} 页：{one.words}" for place, one in enumerate(pages, 1) if one in bad]
    return {
        "pages": [asdict(one) | {"name": one.name} for one in pages],
        "documents": documents,
        "problems": problems,
        "doubts": sum(one.state == DIFFERS for one in pages),
        "verdict": _verdict(pages, problems),
    }


def _verdict(pages: list[Page], problems: list[str]) -> str:
    if problems or not pages:
        return ScanVerdict.FAULTY
    return ScanVerdict.WHOLE if all(one.state == SAME for one in pages) else ScanVerdict.DOUBTS


def _pages(read: Sequence[PageRead], expected: Expected) -> Iterator[Page]:
    seen: Counter[tuple[str, int]] = Counter()
    for one in read:
        state, words = _state(one.said, expected)
        page = Page(one.file, one.at, state, words)
        if state in OURS:
            page.document, page.number = one.said["document"], one.said["number"]
            page.changed, page.added = one.said.get("changed", []), one.said.get("added", [])
            seen[page.document, page.number] += 1
            if seen[page.document, page.number] > 1:
                page.state, page.words = DOUBLED, f"{page.name}重复了。请只留一张"
        yield page


def _state(said: Mapping[str, Any], expected: Expected) -> tuple[str, str]:
    """(state, words) of a page by itself."""
    if said.get("trouble") == STOPPED:
        return UNREADABLE, "这一页没有读完，读它占用的内存或时间太多。请重新扫描成普通图片"
    if said.get("trouble"):
        return UNREADABLE, "找不到页码二维码。请检查是否盖住、折住或太模糊，用 200 dpi 以上重新扫描"
    if said["several"]:
        return AMBIGUOUS, "这一页上有几个不同的二维码，不能判断是哪一页"
    if said["code"] != expected.code:
        return _elsewhere(said, expected)
    return _of_ours(said, expected)


def _elsewhere(said: Mapping[str, Any], expected: Expected) -> tuple[str, str]:
    title = expected.title_of(said["code"])
    if said["code"] in expected.withdrawn:
        return SUPERSEDED, f"这是已作废名单的页（校验码 {said['code']}）。请换成现在这份"
    where = f"第 {said['number']} 页" if "number" in said else "一页"
    known = f"是别的文件的{where}：{title}" if title else f"印的校验码 {said['code']} 不是本系统签发的"
    return FOREIGN, f"这一页{known}。请取出"


def _of_ours(said: Mapping[str, Any], expected: Expected) -> tuple[str, str]:
    if "document" not in said:
        return NAMELESS, "印有本名单的校验码，但没有页码。这是早先的打印，请用现在下载的 PDF 重新打印"
    total = expected.totals.get(said["document"])
    if total is None:
        return FOREIGN, f"这一页是{TITLES.get(said['document'], '别的文件')}，不是要盖章的文件。请取出"
    if said["total"] != total or said["number"] > total:
        return MISPRINT, f"二维码写的是共 {said['total']} 页，签发的共 {total} 页。请用现在下载的 PDF 重新打印"
    if not said.get("compared"):
        return UNSEEN, "页码对得上，画面没有比对成"
    if said["changed"] or said["added"]:
        return DIFFERS, "页码对得上，有几处墨迹与封存的版面不同，请逐处看"
    return SAME, "页码对得上，画面没有发现不同"


def _document(kind: str, total: int, pages: list[Page]) -> dict[str, Any]:
    numbers = [one.number for one in pages if one.document == kind]
    missing = [number for number in range(1, total + 1) if number not in numbers]
    return {"document": kind, "title": TITLES[kind], "total": total, "given": bool(numbers), "missing": missing}


def _missing(documents: list[dict[str, Any]]) -> Iterator[str]:
    """Pages missing of a document of which some were handed in; if none was handed in at all, that."""
    if not any(one["given"] for one in documents):
        yield "没有一页是这份名单的推荐汇总表或推荐函"
    for one in documents:
        if one["given"] and one["missing"]:
            numbers = "、".join(map(str, one["missing"]))
            yield f"{one['title']}缺第 {numbers} 页（共 {one['total']} 页）"


def _misplaced(pages: list[Page]) -> Iterator[str]:
    """The first page of each document that comes before one it should follow."""
    last: dict[str, int] = {}
    told: set[str] = set()
    for one in pages:
        if one.state not in OURS:
            continue
        if one.number < last.get(one.document, 0) and one.document not in told:
            told.add(one.document)
            yield f"次序不对：{one.name}排在第 {last[one.document]} 页后面"
        last[one.document] = max(one.number, last.get(one.document, 0))
