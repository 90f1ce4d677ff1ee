"""封存包: a sealed list as one file that anybody can check offline with the public key alone (docs/seal-package.md).

Everything in it stands in the seal already; only the listing of the files is signed anew, so that a file replaced,
left out or added later is noticed. Equal content gives equal bytes.
"""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING

from django.conf import settings

from declarations.models import Revision
from recommendations import sealing
from smartfactory import audit, signing, verification
from smartfactory.canonical import canonical_json, grouped, sha256
from smartfactory.models import AuditCheckpoint
from smartfactory.verification import ALTERED

if TYPE_CHECKING:
    from recommendations.models import Seal

SCHEMA = "sf-seal-package/1"
LISTING, LISTING_SIGNATURE, README = "package.json", "package.sig.json", "README.txt"
ANNEX = "annex.json"
# How much personal data goes along: none at all; the sheets as issued; also the annex and the filed contents.
NOTHING, SHEETS, ALL = "no", "sheets", "all"
MOST_LISTING = 1 << 20
SHOW_CONTACTS = ("summary-sheet.pdf", "summary-sheet.xlsx")


class NotIntact(RuntimeError):
    """What is kept is no longer what was sealed: nothing is packed, because the signed listing would vouch for it."""


def build(seal: Seal, contacts: str = SHEETS) -> bytes:
    """The package of a seal all of whose documents are drawn. Raises NotIntact naming what does not hold."""
    result = verification.check(seal.code)
    if result.status == ALTERED:
        raise NotIntact("；".join(result.finding.details))
    files, left_out = _parts(seal, contacts)
    listing = _listing(seal, files, left_out)
    signature = canonical_json(signing.sign(listing).as_json())
    own = {LISTING: listing.encode("utf-8"), LISTING_SIGNATURE: signature.encode("utf-8")}
    return _zipped({README: _readme(seal, contacts).encode("utf-8"), **own, **files})


def code_in(content: bytes) -> str:
    """The code a package says it is of, "" if the zip is none. Nothing else of a stranger's file is unpacked."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if LISTING not in archive.namelist():
            return ""
        with archive.open(LISTING) as listing:
            return str(json.loads(listing.read(MOST_LISTING))["code"])


def is_ours(seal: Seal, content: bytes) -> bool:
    """Whether this is, byte for byte, a package the seal gives."""
    try:
        return any(build(seal, kind) == content for kind in HOLDS if not missing(seal, kind))
    except NotIntact:
        return False


def missing(seal: Seal, contacts: str = SHEETS) -> str:
    """The first document that a worker has still to draw, "" if none."""
    wanted = [name for name in sealing.documents_of(seal) if _goes_along(name, contacts)]
    return next((name for name in wanted if verification.rendered(seal.issued, name) is None), "")


def _goes_along(name: str, contacts: str) -> bool:
    return contacts != NOTHING or name not in SHOW_CONTACTS


def _parts(seal: Seal, contacts: str) -> tuple[dict[str, bytes], dict[str, str]]:
    """(files by name, why the others stay behind)."""
    files = {"manifest.json": seal.manifest.encode("utf-8"), "signature.json": _signature(seal), **_trail(seal)}
    left_out = {}
    for name in sealing.documents_of(seal):
        if _goes_along(name, contacts):
            files[name] = verification.rendered(seal.issued, name).read()
        else:
            left_out[name] = "contacts"
    if contacts == ALL:
        files |= _filed(seal)
    else:
        left_out["declarations"] = "contacts"
    if contacts == ALL and seal.annex:
        files[ANNEX] = seal.annex.encode("utf-8")
    else:
        left_out[ANNEX] = "contacts" if seal.annex else "purged"
    return files, left_out


def _signature(seal: Seal) -> bytes:
    return canonical_json(seal.signed.as_json()).encode("utf-8")


def _trail(seal: Seal) -> dict[str, bytes]:
    """The entries from the seal's own to the one its checkpoint covers, and the checkpoint. Usually that is one entry."""
    point = AuditCheckpoint.objects.get(size=seal.checkpoint_size)
    entries = [{"text": text, "hash": link} for text, link in audit.segment(seal.audit_seq, point.size)]
    return {
        "audit.json": canonical_json({"entries": entries}).encode("utf-8"),
        "checkpoint.txt": point.text.encode("utf-8"),
        "checkpoint.sig.json": point.signature.encode("utf-8"),
    }


def _filed(seal: Seal) -> dict[str, bytes]:
    """The filed content of every entry, exactly as its digest in the manifest is of."""
    rows = seal.content["entries"]
    texts = dict(Revision.objects.filter(sha256__in=[one["sha256"] for one in rows]).values_list("sha256", "payload"))
    return {
        f"declarations/{one['declaration']}-{one['revision']}.json": texts[one["sha256"]].encode("utf-8")
        for one in rows
    }


def _listing(seal: Seal, files: dict[str, bytes], left_out: dict[str, str]) -> str:
    return canonical_json(
        {
            "schema": SCHEMA,
            "code": seal.code,
            "list": seal.content["list"],
            "manifest_sha256": seal.sha256,
            "files": {name: {"sha256": sha256(content), "size": len(content)} for name, content in files.items()},
            "left_out": left_out,
        }
    )


HOLDS = {
    NOTHING: "这个包里没有联系人：汇总表、联系人附录和申报书定稿都没有放进来。",
    SHEETS: "这个包里的汇总表有联系人姓名和手机号，请按个人信息保管。联系人附录和申报书定稿没有放进来。",
    ALL: "这个包里有联系人姓名、手机号和申报书定稿，请按个人信息保管，只交给需要的人。",
}


def _readme(seal: Seal, contacts: str) -> str:
    lines = [
        f"{seal.issued.title}　封存包",
        "",
        f"推荐单位：{seal.content['authority']['name']}",
        f"项目数：{len(seal.content['entries'])}",
        f"校验码：{grouped(seal.sha256)}",
        "",
        "怎样核验（不用联网，不用登录）：",
        f"1. 从 {settings.SITE_URL}/verify/ 下载核验程序 verify_seal.py 和公钥 keys.pem，并通过电话等另一途径核对公钥指纹。",
        "   不要用和这个包一起送来的公钥。",
        "2. 运行（需要 Python 3.10 以上）：python3 verify_seal.py 封存包.zip --key keys.pem",
        "3. 看结论：以 0 退出为完好，1 为不符，2 为没有核对完。每一项写明通过、不符或没有核对。",
        "4. 把程序给出的校验码与纸上的逐位核对。",
        "",
        HOLDS[contacts],
        "名单后来是否作废重报，只有联网才能知道：",
        f"{settings.SITE_URL}/verify/{seal.code}/",
        "",
    ]
    return "\r\n".join(lines)


def _zipped(files: dict[str, bytes]) -> bytes:
    """Stored, in the order of names, with one fixed date: nothing in it tells when it was made."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name)
            info.create_system, info.external_attr = 3, 0o600 << 16
            archive.writestr(info, files[name])
    return out.getvalue()
