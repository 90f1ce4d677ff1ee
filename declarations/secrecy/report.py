"""Looking a whole declaration through: every answer, every file name, and what the files hide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.cache import cache

from declarations import content
from declarations.models import Evidence
from declarations.secrecy.patterns import Rule, Rules, rules
from declarations.vocabulary import Kind
from smartfactory import metadata
from smartfactory.canonical import canonical_json, sha256

if TYPE_CHECKING:
    from declarations.models import Declaration
    from smartfactory.models import StoredFile

# Answers people write themselves; what is chosen from a list or asked for by name (phone, code) is not looked through.
WRITTEN = frozenset({Kind.TEXT, Kind.TEXTAREA, Kind.TABLE, Kind.INDICATORS, Kind.SCENARIO, Kind.FILES})
AROUND, MOST_PER_ANSWER, DAY = 12, 20, 86400


@dataclass(frozen=True)
class Finding:
    """One place: the answer or file it stands in, the words around it, and what can be done here."""

    rule: Rule
    section: str
    key: str
    label: str
    before: str = ""
    hit: str = ""
    after: str = ""
    evidence: Evidence | None = None
    mend: str = ""

    @property
    def field(self) -> str:
        """The key below its section, as problems name it."""
        return self.key.partition(".")[2]


@dataclass(frozen=True)
class Count:
    """How many places were found: those somebody has to look at, and those that can merely be cleaned."""

    serious: int
    minor: int

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> Count:
        seen = [one.rule.serious for one in findings]
        return cls(sum(seen), len(seen) - sum(seen))

    @property
    def total(self) -> int:
        return self.serious + self.minor

    @property
    def words(self) -> str:
        """The one sentence every page says it in."""
        if not self.total:
            return "没有发现要处理的内容"
        look = f"{self.serious} 处请逐处看过" if self.serious else "没有需要确认的内容"
        clean = f"{self.minor} 处可以顺手清理" if self.minor else ""
        return f"共 {self.total} 处：{'，'.join(filter(None, (look, clean)))}"


@dataclass(frozen=True)
class Report:
    findings: tuple[Finding, ...]
    rules: str

    @property
    def count(self) -> Count:
        return Count.of(self.findings)

    @property
    def serious(self) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.rule.serious)

    @property
    def digest(self) -> str:
        """Names exactly these findings, so that what was confirmed is what was found."""
        named = [[one.rule.code, one.key, one.before, one.hit, one.after] for one in self.findings]
        return sha256(canonical_json(named))

    def as_json(self) -> dict[str, Any]:
        """What a revision remembers: how much was found, by which rules; never the words themselves."""
        codes = sorted(one.rule.code for one in self.findings)
        counts = {code: codes.count(code) for code in codes}
        return {"found": counts, "serious": len(self.serious), "digest": self.digest, "rules": self.rules}


def look_through(declaration: Declaration, payload: dict[str, Any] | None = None) -> Report:
    """Everything found in the declaration as it stands; reads each file once, ever, as long as the rules stay."""
    known = rules()
    shown = content.rows(payload or content.payload(declaration), content.describe(declaration.track))
    found = [one for row in shown for one in _in_answer(row, known)]
    held = Evidence.objects.filter(declaration=declaration).select_related("file", "instance")
    found += [one for evidence in held for one in _in_file(evidence, known)]
    return Report(tuple(found), known.digest)


def _in_answer(row: content.Row, known: Rules) -> Iterator[Finding]:
    if row.field.kind not in WRITTEN or row.field.params.get("private"):
        return
    text = "\n".join(one.name for one in row.files) if row.files else row.text
    safe = known.safe(text)
    label = f"{row.group} · {row.label}" if row.instance else row.label
    mendable = row.field.stored and not row.field.fixed
    for rule in known.texts:
        for place, (start, end) in enumerate(rule.hits(text)):
            if place >= MOST_PER_ANSWER:
                break
            mend = "mask" if rule.mask and mendable else ""
            yield Finding(rule, row.section, row.key, label, *_excerpt(safe, start, end), mend=mend)


def _excerpt(text: str, start: int, end: int) -> tuple[str, str, str]:
    before = text[max(0, start - AROUND) : start].rpartition("\n")[2]
    after = text[end : end + AROUND].partition("\n")[0]
    return before, text[start:end].strip(), after


def _in_file(evidence: Evidence, known: Rules) -> Iterator[Finding]:
    prefix = f"{evidence.section}.{evidence.instance.uid}" if evidence.instance else evidence.section
    for code, words, strippable in _cached(evidence.file, known):
        rule = known.files.get(code) or known.text(code)
        yield Finding(
            rule, evidence.section, f"{prefix}.{evidence.field}", evidence.name, hit=words, evidence=evidence,
            mend="strip" if strippable else "",
        )  # fmt: skip


def _cached(file: StoredFile, known: Rules) -> list[tuple[str, str, bool]]:
    """(code, words, whether it can be taken out here); a file's bytes never change, so once is enough."""
    key = f"secrecy:{file.digest}:{known.digest}"
    if (kept := cache.get(key)) is None:
        kept = list(_look(file.read(), file.mime, known))
        cache.set(key, kept, DAY)
    return kept


def _look(body: bytes, mime: str, known: Rules) -> Iterator[tuple[str, str, bool]]:
    for one in metadata.hidden(body, mime):
        yield one.kind, one.words, one.strippable
    words = metadata.text(body, mime)
    safe = known.safe(words)
    for rule in known.texts:
        hits = list(rule.hits(words))[:MOST_PER_ANSWER]
        yield from ((rule.code, "".join(_excerpt(safe, *hit)), False) for hit in hits)
