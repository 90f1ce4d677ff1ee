"""Adapter for an authority's own compliant e-seal service (合规电子签章服务).

The service holds the seal and its certificate and puts the seal on the PDF (in China to GB/T 38540); this side sends the
finished document with its digest and takes back the sealed one. It never draws a stamp itself. Off until configured.
"""

from __future__ import annotations

import base64
import io
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from smartfactory.canonical import sha256, sm3
from smartfactory.parsing import bounded_pikepdf

# A sealed document is the document and a signature; what is much larger is something else.
MOST_EXTRA = 20 << 20


class SealFailed(Exception):
    """The service did not seal this document; the text says what happened, for people."""


@dataclass(frozen=True)
class SealedPdf:
    """What came back: the sealed PDF, and the service's own number of the act."""

    pdf: bytes
    serial: str


class Service(Protocol):
    """What an e-seal service must offer. The same `key` again must answer with the same sealed document."""

    def seal(self, pdf: bytes, *, seal_id: str, name: str, key: str) -> SealedPdf: ...


def missing(authority: str) -> list[str]:
    """What is not configured for the authority of this code, in words; empty if its seal can be asked for."""
    lacking = []
    if not settings.ESEAL_URL:
        lacking.append("签章服务的地址（ESEAL_URL）")
    elif not settings.ESEAL_URL.startswith("https://") and not settings.LOCAL:
        lacking.append("加密的签章服务地址（ESEAL_URL 要以 https:// 开头）")
    if not settings.ESEAL_TOKEN:
        lacking.append("签章服务的凭据（ESEAL_TOKEN）")
    if authority not in settings.ESEAL_SEALS:
        lacking.append(f"本单位的印章编号（ESEAL_SEALS 里的 {authority}=编号）")
    return lacking


def seal(pdf: bytes, *, authority: str, name: str) -> SealedPdf:
    """Have the authority's seal put on `pdf`. Raises SealFailed; whatever came back is checked before it is believed."""
    if lacking := missing(authority):
        raise SealFailed(f"没有接入签章服务，缺{'、'.join(lacking)}")
    seal_id = settings.ESEAL_SEALS[authority]
    service: Service = import_string(settings.ESEAL_SERVICE)()
    sealed = service.seal(pdf, seal_id=seal_id, name=name, key=sha256(f"{seal_id} {sha256(pdf)}"))
    _believe(sealed.pdf, pdf)
    return sealed


def _believe(sealed: bytes, sent: bytes) -> None:
    """The same pages with something added: as many, of the same size, the same code, and not the bytes that were sent."""
    if sealed == sent:
        raise SealFailed("签章服务传回的就是原来的文件，没有盖上印章")
    try:
        same = _shape(sealed) == _shape(sent)
    except Exception:
        raise SealFailed("签章服务传回的不是能打开的 PDF") from None
    if not same:
        raise SealFailed("签章服务传回的不是同一份文件：页数、页面大小或校验码不同")


def _shape(pdf: bytes) -> tuple[list[list[int]], str]:
    with bounded_pikepdf().open(io.BytesIO(pdf)) as document:
        pages = [[round(float(edge)) for edge in page.mediabox] for page in document.pages]
        return pages, str(document.docinfo.get("/Keywords", ""))


class HttpService:
    """JSON over HTTPS: digests and document there, sealed document back. Redirects are not followed."""

    def seal(self, pdf: bytes, *, seal_id: str, name: str, key: str) -> SealedPdf:
        asked = {
            "seal_id": seal_id, "file_name": name, "sha256": sha256(pdf), "sm3": sm3(pdf),
            "pdf": base64.b64encode(pdf).decode("ascii"),
        }  # fmt: skip
        answer = self._post(asked, key, len(pdf) * 2 + MOST_EXTRA)
        try:
            content = base64.b64decode(answer["pdf"], validate=True)
            digests, serial = (answer["original_sha256"], answer["sealed_sha256"]), str(answer["serial"])[:80]
        except (KeyError, TypeError, ValueError):
            raise SealFailed("签章服务的回答读不懂") from None
        if digests[0] != asked["sha256"]:
            raise SealFailed("签章服务盖的不是这份文件：它说的原文摘要与送去的不同")
        if digests[1] != sha256(content):
            raise SealFailed("签章服务传回的文件与它自己说的摘要不同，可能没有传完整")
        return SealedPdf(content, serial)

    def _post(self, asked: dict[str, Any], key: str, most: int) -> Any:
        headers = {
            "Content-Type": "application/json", "Authorization": f"Bearer {settings.ESEAL_TOKEN}", "Idempotency-Key": key,
        }  # fmt: skip
        request = urllib.request.Request(settings.ESEAL_URL, json.dumps(asked).encode("ascii"), headers)  # noqa: S310
        opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=settings.ESEAL_SECONDS) as answer:
                body = answer.read(most + 1)
        except urllib.error.HTTPError as error:
            raise SealFailed(f"签章服务没有接受，回答 {error.code}") from None
        except TimeoutError:
            raise SealFailed(f"签章服务 {settings.ESEAL_SECONDS} 秒没有回答") from None
        except OSError as error:
            slow = isinstance(getattr(error, "reason", None), TimeoutError)
            words = f"签章服务 {settings.ESEAL_SECONDS} 秒没有回答" if slow else "连不上签章服务"
            raise SealFailed(words) from None
        if len(body) > most:
            raise SealFailed("签章服务的回答太大，没有收下")
        try:
            return json.loads(body)
        except ValueError:
            raise SealFailed("签章服务的回答读不懂") from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Whoever holds the credential is named in the settings and nowhere else."""

    def redirect_request(self, *anything: object) -> None:
        return None
