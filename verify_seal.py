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
    """A check that could not be done; `needed` if the package may then not be called intact."""

    def __init__(self, words, needed=True):
        super().__init__(words)
        self.needed = needed


class Altered(Exception):
    """A check that was done and does not hold."""


# Ed25519 (RFC 8032, 5.1), in extended coordinates

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)
NEUTRAL = (0, 1, 1, 0)


def _add(one, two):
    a, b = (one[1] - one[0]) * (two[1] - two[0]) % P, (one[1] + one[0]) * (two[1] + two[0]) % P
    c, d = 2 * one[3] * two[3] * D % P, 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(number, point):
    found = NEUTRAL
    while number:
        if number & 1:
            found = _add(found, point)
        point, number = _add(point, point), number >> 1
    return found


def _point(data):
    """The point these 32 bytes stand for, None if they stand for none or are not its one encoding."""
    y, sign = int.from_bytes(data, "little") & ((1 << 255) - 1), data[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if y >= P or (x * x - square) % P or (not x and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def _bytes(point):
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE = _point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def valid_key(public):
    """32 bytes that are a point, and none of the few for which one signature fits any text."""
    point = _point(public) if len(public) == 32 else None
    return point is not None and _bytes(_times(8, point)) != _bytes(NEUTRAL)


def ed25519_valid(public, message, signature):
    """Whether `signature` is the key's over exactly these bytes."""
    if len(signature) != 64 or not valid_key(public):
        return False
    number = int.from_bytes(signature[32:], "little")
    if number >= ORDER:
        return False
    x, y, z, t = _point(public)
    hashed = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    return _bytes(_add(_times(number, BASE), _times(hashed, (P - x, y, z, P - t)))) == signature[:32]


# Keys

SPKI = bytes.fromhex("302a300506032b6570032100")


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


# Reading what strangers hand in


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
    if not isinstance(found, dict):
        raise Altered(f"{name} 不是完好的 JSON 对象")
    return found


def field(value, *path, kind=str):
    """What stands at `path`. Raises Altered if nothing of that kind does."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is int):
        raise Altered(f"缺少 {'.'.join(path)}，或写法不对")
    return value


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
        if name in self.rows:
            raise Altered(f"封存包里有两个 {name}")
        if re.search(r"^/|\\|:|(^|/)\.\.?(/|$)|[\x00-\x1f]", row.orig_filename):
            raise Altered(f"封存包里有不该有的路径 {name}")
        if row.flag_bits & 1 or row.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Unchecked(f"{name} 加了密或用了别的压缩方法，没有打开")
        self.rows[name] = row

    def read(self, name, most=MOST_CONTENT):
        if name not in self.rows:
            raise Altered(f"封存包里没有 {name}")
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


# The checks: each returns in words what holds, or raises


class Checks:
    def __init__(self, package, keys):
        self.package, self.keys, self.rows = package, keys, []
        self.listing = package.json(LISTING)
        if self.listing.get("schema") != LISTING_SCHEMA:
            raise Unchecked(f"封存包的格式是 {self.listing.get('schema')}，本程序只认 {LISTING_SCHEMA}")
        self.files, self.left_out = (field(self.listing, name, kind=dict) for name in ("files", "left_out"))

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
        except Altered as found:
            status, reason = ALTERED, found
        except Unchecked as found:
            status, reason, needed = UNCHECKED, found, found.needed
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
        if not ed25519_valid(public, text, value):
            raise Altered(f"{name} 与签名对不上")
        return f"公钥 {said['key_id']}"

    def _listed(self, name):
        if name not in self.files:
            raise Altered("不在目录里，是后来放进来的")
        if sha256(self.package.read(name)) != field(self.files, name, "sha256"):
            raise Altered("与目录里的摘要不一致")
        return f"SHA-256 {self.files[name]['sha256']}"

    @property
    def manifest(self):
        found = self.package.json("manifest.json")
        if found.get("schema") != MANIFEST_SCHEMA:
            raise Unchecked(f"封存内容的格式是 {found.get('schema')}，本程序只认 {MANIFEST_SCHEMA}")
        return found

    @property
    def digest(self):
        return sha256(self.package.read("manifest.json"))

    @property
    def code(self):
        return self.digest[:16].upper()

    def _code(self):
        said = [field(self.listing, key) for key in ("manifest_sha256", "code", "list")]
        if said != [self.digest, self.code, field(self.manifest, "list")]:
            raise Altered(f"封存内容的校验码是 {self.code}，与目录登记的不一致")
        return f"{self.code}，请与纸上的逐位核对"

    def _entries(self):
        return field(self.manifest, "entries", kind=list)

    def _ranks(self):
        ranks = [field(one, "rank", kind=int) for one in self._entries()]
        if ranks != list(range(1, len(ranks) + 1)):
            raise Altered("名次不是从 1 起连续的")
        return f"从 1 起连续，共 {len(ranks)} 个"

    def _limit(self):
        quota, entries = field(self.manifest, "quota", kind=dict), self._entries()
        if quota.get("limit") is None:
            raise Unchecked("封存内容里没有写明上限，或不限名额", needed=False)
        limit = field(quota, "limit", kind=int)
        used = sum(not (field(one, "exempt") or field(one, "over")) for one in entries)
        if used > limit:
            raise Altered(f"占用 {used} 个，超过上限 {limit} 个")
        return f"占用 {used} 个，上限 {limit} 个；另有 {len(entries) - used} 个写明理由，不计入"

    def _revisions(self):
        entries = self._entries()
        for one in entries:
            if not re.fullmatch("[0-9a-f]{64}", field(one, "sha256")) or field(one, "revision", kind=int) < 1:
                raise Altered(f"第 {one.get('rank')} 名没有写明定稿的摘要")
        if len({field(one, "declaration") for one in entries}) < len(entries):
            raise Altered("同一份申报书出现了两次")
        return f"{len(entries)} 份申报书都写明了版次和摘要"

    def _trail(self):
        """(hash, what it says) of every entry, each of which must have the hash of its own text."""
        found = []
        for one in field(self.package.json("audit.json"), "entries", kind=list):
            text = field(one, "text").encode("utf-8", "surrogatepass")
            if sha256(b"\0" + text) != field(one, "hash"):
                raise Altered(f"第 {len(found) + 1} 条记录与它的摘要不一致")
            found.append((one["hash"], parse(text, "审计记录")))
        if not found:
            raise Altered("没有审计记录")
        return found

    def _entry(self):
        said = self._trail()[0][1]
        body = parse(field(said, "body").encode("utf-8", "surrogatepass"), "审计记录的内容")
        if [field(said, "act"), field(said, "outcome")] != ["recommendationlist.seal", "ok"]:
            raise Altered("这不是封存的审计记录")
        if field(body, "sha256") != self.digest:
            raise Altered("审计记录说的不是这份封存内容")
        return f"第 {field(said, 'seq', kind=int)} 条，{field(said, 'at')}"

    def _chain(self):
        trail = self._trail()
        for (before, earlier), (_, later) in itertools.pairwise(trail):
            if [field(later, "prev"), field(later, "seq", kind=int)] != [before, field(earlier, "seq", kind=int) + 1]:
                raise Altered(f"第 {later['seq']} 条与上一条接不上")
        last, said = trail[-1]
        if self.package.read("checkpoint.txt") != f"{ORIGIN}\n{field(said, 'seq', kind=int)}\n{last}\n".encode():
            raise Altered("最后一条记录与已签名的校验点不一致")
        return f"{len(trail)} 条，到校验点 {said['seq']}"

    def _annex(self, name):
        if sha256(self.package.read(name)) != field(self.manifest, "annex_sha256"):
            raise Altered("联系人附录与封存内容里的摘要不一致")
        return "与封存内容里的加盐摘要一致"

    def _embedded(self, name):
        content = self.package.read(name)
        found = {one.decode() for one in (pdf_codes(content) if name.endswith(".pdf") else xlsx_codes(content))}
        if not found:
            raise Unchecked("文件里没有读到校验码")
        if found != {self.code}:
            raise Altered(f"文件里的校验码是 {'、'.join(sorted(found))}，封存内容的是 {self.code}")
        return f"校验码 {self.code}"

    def _declaration(self, name):
        for one in self._entries():
            if name == f"declarations/{one.get('declaration')}-{one.get('revision')}.json":
                if sha256(self.package.read(name)) != field(one, "sha256"):
                    raise Altered("与封存内容里的定稿摘要不一致")
                return f"与第 {one.get('rank')} 名的定稿摘要一致"
        raise Altered("封存内容里没有这份申报书")


# Saying it


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
        code = checks.code if "manifest.json" in checks.package.rows else ""
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
    if asked.json:
        answer = {"status": ("intact", ALTERED, UNCHECKED)[end], "exit": end, "code": code, "checks": rows}
        print(json.dumps(answer, ensure_ascii=False, indent=2))
        return end
    for one in rows:
        print(f"{one['words']}　{one['title']}：{one['reason']}")
    print(f"结论：{VERDICTS[end]}" + (f"（校验码 {code}）" if code else ""))
    return end


if __name__ == "__main__":
    sys.exit(main())
