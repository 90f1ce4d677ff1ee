#!/usr/bin/env python3
"""离线核验封存包：verify_seal.py PACKAGE --key PUBLIC [--json]

Checks an exported package of a sealed list (docs/seal-package.md) against the public key of the installation. One file,
Python 3.10 or newer, standard library only, no network, no code shared with the application: the Ed25519 verification
(RFC 8032) stands below in pure Python and is the only one used.

--key (repeatable): a PEM file, also of several keys, or 64 hex digits. Get it from the installation's /verify/keys.pem
and compare its fingerprint over another way; a key that came with the package proves nothing.

Exit code 0: intact; 1: altered; 2: could not check. Each check says 通过, 不符 or 没有核对 and why; what could not be
checked never passes. 0 means that all was checked but what the signed listing itself declares as left out.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import itertools
import json
import os
import re
import sys
import zipfile
import zlib

PASSED, ALTERED, UNCHECKED = "passed", "altered", "unchecked"
WORDS = {PASSED: "通过", ALTERED: "不符", UNCHECKED: "没有核对"}
VERDICTS = {0: "完好", 1: "不符：请不要采信", 2: "没有核对完，不能下结论"}
LISTING, LISTING_SIGNATURE, README = "package.json", "package.sig.json", "README.txt"
LISTING_SCHEMA, MANIFEST_SCHEMA, ORIGIN = "sf-seal-package/1", "sf-list/1", "smartfactory-audit/1"
MOST_CONTENT, MOST_FILES, MOST_JSON, MOST_PART, MOST_INFLATED = 1 << 29, 2000, 1 << 25, 1 << 22, 1 << 28
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError)


class Unchecked(Exception):
    """A check that could not be done."""


class Unstated(Unchecked):
    """Nothing to hold it against was ever sealed: no obstacle to calling the package intact."""


class Altered(Exception):
    """A check that was done and does not hold."""


# Ed25519 (RFC 8032, 5.1) on affine points: slow and short, for a handful of signatures
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)
SPKI = bytes.fromhex("302a300506032b6570032100")


def _add(one, two):
    (a, b), (c, d) = one, two
    k = D * a * b * c * d % P
    return (a * d + b * c) * pow(1 + k, -1, P) % P, (b * d + a * c) * pow(1 - k, -1, P) % P


def _times(number, point):
    found = (0, 1)
    while number:
        if number & 1:
            found = _add(found, point)
        point, number = _add(point, point), number >> 1
    return found


def _point(data):
    """The point these 32 bytes stand for, None if they stand for none or are not its one encoding."""
    y, sign = int.from_bytes(data, "little") & ((1 << 255) - 1), data[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if y >= P or (x * x - square) % P or (not x and sign):
        return None
    return P - x if x & 1 != sign else x, y


def _bytes(point):
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


BASE = _point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def valid_key(public):
    """32 bytes that are a point, and none of the few for which one signature fits any text."""
    point = _point(public) if len(public) == 32 else None
    return point is not None and _times(8, point) != (0, 1)


def ed25519_valid(public, message, signature):
    """Whether `signature` is the key's over exactly these bytes."""
    if len(signature) != 64 or not valid_key(public):
        return False
    number = int.from_bytes(signature[32:], "little")
    if number >= ORDER:
        return False
    x, y = _point(public)
    hashed = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    return _bytes(_add(_times(number, BASE), _times(hashed, (P - x, y)))) == signature[:32]


def read_keys(sources):
    """{key id: 32 bytes} of PEM files or hexadecimal digits. Raises Unchecked naming what is no Ed25519 key."""
    raw = [one for source in sources for one in _raw_keys(source)]
    return {sha256(one)[:16]: one for one in raw}


def _raw_keys(source):
    found = []
    try:
        if re.fullmatch("[0-9A-Fa-f]{64}", source):
            found = [SPKI + bytes.fromhex(source)]
        else:
            with open(source, "rb") as file:
                text = file.read(1 << 20).decode("ascii", "replace")
            blocks = re.findall("-----BEGIN PUBLIC KEY-----(.*?)-----END PUBLIC KEY-----", text, re.S)
            found = [base64.b64decode("".join(one.split()), validate=True) for one in blocks]
    except (OSError, ValueError) as error:
        raise Unchecked(f"读不了公钥 {source}：{error}") from None
    if not found or any(one[:12] != SPKI or not valid_key(one[12:]) for one in found):
        raise Unchecked(f"{source} 里没有可用的 Ed25519 公钥")
    return [one[12:] for one in found]


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def shown(text):
    """A text from outside as it may be put on a terminal."""
    return "".join(one if one.isprintable() else "?" for one in str(text))[:200]


def parse(content, name):
    """The JSON object in these bytes. Raises Altered unless it is one, without doubled keys or numbers that are none."""

    def once(pairs):
        if len(dict(pairs)) < len(pairs):
            raise ValueError("doubled key")
        return dict(pairs)

    try:
        found = json.loads(content.decode("utf-8"), object_pairs_hook=once, parse_constant=int)
    except (ValueError, RecursionError):
        found = None
    hold(isinstance(found, dict), f"{name} 不是完好的 JSON 对象")
    return found


def hold(condition, words):
    if not condition:
        raise Altered(words)


def field(value, key, kind=str):
    """What stands under `key`. Raises Altered if nothing of that kind does."""
    found = value.get(key) if isinstance(value, dict) else None
    hold(isinstance(found, kind) and not (isinstance(found, bool) and kind is int), f"缺少 {key}，或写法不对")
    return found


class Package:
    """The files of a zip. Order, compression, dates and empty folders do not matter; what is ambiguous is refused."""

    def __init__(self, path):
        try:
            if not os.path.isfile(path) or os.path.getsize(path) > MOST_CONTENT:
                raise Unchecked("封存包不是文件，读不到，或大得不正常")
            self._zip = zipfile.ZipFile(path)
        except BROKEN as error:
            raise Unchecked(f"封存包读不了，不是完好的 zip 文件：{error}") from None
        rows = [one for one in self._zip.infolist() if one.file_size or not one.filename.endswith("/")]
        if len(rows) > MOST_FILES or sum(one.file_size for one in rows) > MOST_CONTENT:
            raise Unchecked("封存包里的文件太多或展开后太大，没有打开")
        self.rows = {}
        for one in rows:
            self._take(one)
        if LISTING not in self.rows:
            raise Unchecked(f"这不是封存包：里面没有 {LISTING}")

    def _take(self, row):
        name = row.filename
        hold(name not in self.rows, f"封存包里有两个 {name}")
        bad = re.search(r"^/|\\|:|(^|/)\.\.?(/|$)|[\x00-\x1f]", row.orig_filename)
        hold(not bad, f"封存包里有不该有的路径 {name}")
        if row.flag_bits & 1 or row.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Unchecked(f"{name} 加了密或用了别的压缩方法，没有打开")
        self.rows[name] = row

    def read(self, name, most=MOST_CONTENT):
        hold(name in self.rows, f"封存包里没有 {name}")
        if self.rows[name].file_size > most:
            raise Unchecked(f"{name} 大得不正常，没有打开")
        try:
            return self._zip.read(self.rows[name])
        except BROKEN:
            raise Altered(f"{name} 读不出来，已损坏") from None

    def json(self, name):
        return parse(self.read(name, MOST_JSON), name)


def pdf_codes(content):
    """The codes in a PDF's description, which may stand in a compressed stream."""
    wanted, budget = re.compile(rb"/Keywords ?\(([0-9A-F]{16})\)"), MOST_INFLATED
    found = set(wanted.findall(content))
    for start in re.finditer(rb"stream\r?\n", content):
        try:
            packed = content[start.end() : start.end() + MOST_PART]
            part = zlib.decompressobj().decompress(packed, MOST_PART)
        except zlib.error:
            continue
        found.update(wanted.findall(part))
        budget -= len(part) + len(packed)
        if budget < 0:
            raise Unchecked("文件大得不正常，没有读完")
    return found


def xlsx_codes(content):
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book, book.open("docProps/core.xml") as part:
            return set(re.findall(rb"<cp:keywords>([0-9A-F]{16})</cp:keywords>", part.read(1 << 16)))
    except (*BROKEN, KeyError):
        raise Unchecked("工作簿打不开") from None


class Checks:
    """Each check returns in words what holds, or raises Altered or Unchecked."""

    def __init__(self, package, keys):
        self.package, self.keys, self.rows = package, keys, []
        self.listing = package.json(LISTING)
        if self.listing.get("schema") != LISTING_SCHEMA:
            raise Unchecked(f"封存包的格式是 {self.listing.get('schema')}，本程序只认 {LISTING_SCHEMA}")
        self.files, self.left_out = (field(self.listing, name, dict) for name in ("files", "left_out"))
        self.digest = sha256(package.read("manifest.json")) if "manifest.json" in package.rows else ""
        self.code = self.digest[:16].upper()

    def run(self):
        self._do("listing.signature", "封存包目录的签名", self._signed, LISTING, LISTING_SIGNATURE)
        for name in sorted({*self.files, *self.package.rows} - {LISTING, LISTING_SIGNATURE, README}):
            self._do(f"file:{name}", f"文件 {name}", self._listed, name)
        self._do("manifest.code", "封存内容的校验码", self._code)
        self._do("manifest.signature", "封存内容的签名", self._signed, "manifest.json", "signature.json")
        self._do("manifest.ranks", "名次", self._ranks)
        self._do("manifest.limit", "名额", self._limit)
        self._do("manifest.revisions", "每个项目的定稿摘要", self._revisions)
        self._do("audit.entry", "封存的审计记录", self._entry)
        self._do("audit.chain", "审计记录到校验点的链", self._chain)
        self._do("checkpoint.signature", "校验点的签名", self._signed, "checkpoint.txt", "checkpoint.sig.json")
        for name in sorted({*self.files, *self.left_out}):
            self._part(name)
        self.rows.append(row(README, "说明文件 README.txt", UNCHECKED, "只是说明，不在签名之内", needed=False))

    def _part(self, name):
        """The check of a part that a package may hold, or leave out if its signed listing says so."""
        kinds = {"annex.json": self._annex, "declarations": self._declaration}
        kinds |= {"pdf": self._embedded, "xlsx": self._embedded}
        kind = name if name in kinds else name.partition("/")[0] if "/" in name else name.rpartition(".")[2]
        if name not in self.files:
            words = "出包时没有放进来（目录已写明）"
            self.rows.append(row(f"part:{name}", f"{name} 的内容", UNCHECKED, words, needed=False))
        elif kind in kinds:
            self._do(f"part:{name}", f"{name} 的内容", kinds[kind], name)

    def _do(self, key, title, check, *args):
        needed = True
        try:
            status, reason = PASSED, check(*args)
        except (Altered, Unchecked) as found:
            status, reason = ALTERED if isinstance(found, Altered) else UNCHECKED, found
            needed = not isinstance(found, Unstated)
        except Exception as error:
            status, reason = UNCHECKED, f"核对时出错：{type(error).__name__}"
        self.rows.append(row(key, title, status, reason, needed))

    def _signed(self, name, signature_name):
        text, said = self.package.read(name), self.package.json(signature_name)
        if field(said, "algorithm") != "Ed25519":
            raise Unchecked(f"签名算法是 {said['algorithm']}，本程序只认 Ed25519")
        public = self.keys.get(field(said, "key_id"))
        if public is None:
            raise Unchecked(f"签名用的公钥是 {said['key_id']}，不是给出的公钥 {'、'.join(self.keys)}")
        try:
            value = base64.b64decode(field(said, "value"), validate=True)
        except ValueError:
            value = b""
        hold(ed25519_valid(public, text, value), f"{name} 与签名对不上")
        return f"公钥 {said['key_id']}"

    def _listed(self, name):
        hold(name in self.files, "不在目录里，是后来放进来的")
        digest = sha256(self.package.read(name))
        hold(digest == field(field(self.files, name, dict), "sha256"), "与目录里的摘要不一致")
        return f"SHA-256 {digest}"

    @property
    def manifest(self):
        found = self.package.json("manifest.json")
        if found.get("schema") != MANIFEST_SCHEMA:
            raise Unchecked(f"封存内容的格式是 {found.get('schema')}，本程序只认 {MANIFEST_SCHEMA}")
        return found

    def _code(self):
        said = [field(self.listing, key) for key in ("manifest_sha256", "code", "list")]
        hold(said == [self.digest, self.code, field(self.manifest, "list")], f"{self.code} 与目录登记的不一致")
        return f"{self.code}，请与纸上的逐位核对"

    def _entries(self):
        return field(self.manifest, "entries", list)

    def _ranks(self):
        ranks = [field(one, "rank", int) for one in self._entries()]
        hold(ranks == list(range(1, len(ranks) + 1)), "名次不是从 1 起连续的")
        return f"从 1 起连续，共 {len(ranks)} 个"

    def _limit(self):
        quota, entries = field(self.manifest, "quota", dict), self._entries()
        if quota.get("limit") is None:
            raise Unstated("封存内容里没有写明上限，或不限名额")
        limit = field(quota, "limit", int)
        used = sum(not (field(one, "exempt") or field(one, "over")) for one in entries)
        hold(used <= limit, f"占用 {used} 个，超过上限 {limit} 个")
        return f"占用 {used} 个，上限 {limit} 个；另有 {len(entries) - used} 个写明理由，不计入"

    def _revisions(self):
        entries = self._entries()
        for one in entries:
            written = re.fullmatch("[0-9a-f]{64}", field(one, "sha256")) and field(one, "revision", int) > 0
            hold(written, f"第 {one.get('rank')} 名没有写明定稿的摘要")
        hold(len({field(one, "declaration") for one in entries}) == len(entries), "同一份申报书出现了两次")
        return f"{len(entries)} 份申报书都写明了版次和摘要"

    def _trail(self):
        """(hash, what it says) of every entry, each of which must have the hash of its own text."""
        found = []
        for one in field(self.package.json("audit.json"), "entries", list):
            text = field(one, "text").encode("utf-8", "surrogatepass")
            hold(sha256(b"\0" + text) == field(one, "hash"), f"第 {len(found) + 1} 条记录与它的摘要不一致")
            found.append((one["hash"], parse(text, "审计记录")))
        hold(found, "没有审计记录")
        return found

    def _entry(self):
        said = self._trail()[0][1]
        body = parse(field(said, "body").encode("utf-8", "surrogatepass"), "审计记录的内容")
        act = [field(said, "act"), field(said, "outcome")]
        hold(act == ["recommendationlist.seal", "ok"], "这不是封存的审计记录")
        hold(field(body, "sha256") == self.digest, "审计记录说的不是这份封存内容")
        return f"第 {field(said, 'seq', int)} 条，{field(said, 'at')}"

    def _chain(self):
        trail = self._trail()
        for (before, earlier), (_, later) in itertools.pairwise(trail):
            expected = [before, field(earlier, "seq", int) + 1]
            hold([field(later, "prev"), field(later, "seq", int)] == expected, f"第 {expected[1]} 条与上一条接不上")
        last, seq = trail[-1][0], field(trail[-1][1], "seq", int)
        signed = f"{ORIGIN}\n{seq}\n{last}\n".encode()
        hold(self.package.read("checkpoint.txt") == signed, "最后一条记录与已签名的校验点不一致")
        return f"{len(trail)} 条，到校验点 {seq}"

    def _annex(self, name):
        digest = sha256(self.package.read(name))
        hold(digest == field(self.manifest, "annex_sha256"), "联系人附录与封存内容里的摘要不一致")
        return "与封存内容里的加盐摘要一致"

    def _embedded(self, name):
        content = self.package.read(name)
        found = {one.decode() for one in (pdf_codes(content) if name.endswith(".pdf") else xlsx_codes(content))}
        if not found:
            raise Unchecked("文件里没有读到校验码")
        hold(found == {self.code}, f"文件里的校验码是 {'、'.join(sorted(found))}，封存内容的是 {self.code}")
        return f"校验码 {self.code}"

    def _declaration(self, name):
        for one in self._entries():
            if name == f"declarations/{one.get('declaration')}-{one.get('revision')}.json":
                hold(sha256(self.package.read(name)) == field(one, "sha256"), "与封存内容里的定稿摘要不一致")
                return f"与第 {one.get('rank')} 名的定稿摘要一致"
        raise Altered("封存内容里没有这份申报书")


def row(key, title, status, reason, needed=True):
    words = {"check": shown(key), "title": shown(title), "status": status, "words": WORDS[status]}
    return {**words, "reason": shown(reason), "needed": needed}


def verify(path, key_sources):
    """(exit code, verification code, rows) for a package. Never raises."""
    rows, code = [], ""
    try:
        checks = Checks(Package(path), read_keys(key_sources))
        checks.run()
        rows = checks.rows
        code = checks.code
    except Altered as found:
        rows.append(row("package", "封存包", ALTERED, found))
    except Exception as error:
        words = error if isinstance(error, Unchecked) else f"核对时出错：{type(error).__name__}"
        rows.append(row("package", "封存包", UNCHECKED, words))
    statuses = {one["status"] for one in rows if one["needed"]}
    return (1 if ALTERED in statuses else 2 if UNCHECKED in statuses else 0), code, rows


def main(arguments=None):
    parser = argparse.ArgumentParser(description="离线核验封存包；以 0 退出为完好，1 为不符，2 为没有核对完")
    parser.add_argument("package", metavar="PACKAGE", help="封存包（zip）")
    parser.add_argument(
        "--key", action="append", required=True, metavar="PUBLIC", help="公钥：PEM 文件或 64 位十六进制"
    )
    parser.add_argument("--json", action="store_true", help="以 JSON 输出")
    asked = parser.parse_args(arguments)
    sys.stdout.reconfigure(errors="backslashreplace")
    end, code, rows = verify(asked.package, asked.key)
    lines = [f"{one['words']}　{one['title']}：{one['reason']}" for one in rows]
    lines.append(f"结论：{VERDICTS[end]}" + (f"（校验码 {code}）" if code else ""))
    if asked.json:
        answer = {"status": ("intact", ALTERED, UNCHECKED)[end], "exit": end, "code": code, "checks": rows}
        lines = [json.dumps(answer, ensure_ascii=False, indent=2)]
    print("\n".join(lines))
    return end


if __name__ == "__main__":
    sys.exit(main())
