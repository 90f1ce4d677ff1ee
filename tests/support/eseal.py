"""A fake e-seal service over loopback HTTP: seals by attaching a file, remembers keys, and misbehaves when told to."""

import base64
import hashlib
import io
import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pikepdf

TOKEN = "token-of-tests"


def digest(content):
    return hashlib.sha256(content).hexdigest()


def stamped(pdf, serial):
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.attachments["seal.dat"] = serial.encode()
        document.save(out, deterministic_id=True)
    return out.getvalue()


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        service = self.server.service
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        service.asked.append((self.headers["Idempotency-Key"], self.headers["Authorization"], body))
        if service.fault == "slow":
            time.sleep(2)
        status, answer = service.answer(self.headers["Idempotency-Key"], body)
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *anything):
        pass


class Service:
    """`fault`: slow, 500, redirect, junk, other document, bent bytes, unsealed, other pages, no pdf, or none."""

    def __init__(self):
        self.asked, self.sealed, self.fault = [], {}, ""

    def answer(self, key, body):
        if self.fault in ("500", "redirect"):
            return {"500": 500, "redirect": 302}[self.fault], {}
        if self.fault == "junk":
            return 200, b"<html>"
        pdf = base64.b64decode(body["pdf"])
        assert body["sha256"] == digest(pdf)
        sealed = self.sealed.setdefault(key, stamped(pdf, f"S{len(self.sealed) + 1}"))
        return 200, self._bent(pdf, sealed)

    def _bent(self, pdf, sealed):
        made = {"unsealed": pdf, "no pdf": b"nothing", "other pages": _blank()}.get(self.fault, sealed)
        answer = {
            "pdf": base64.b64encode(made).decode(),
            "original_sha256": digest(pdf),
            "sealed_sha256": digest(made),
            "serial": "S1",
        }
        wrong = {"other document": "original_sha256", "bent bytes": "sealed_sha256"}.get(self.fault)
        return answer | ({wrong: "0" * 64} if wrong else {})


def _blank():
    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page(page_size=(100, 100))
        document.save(out)
    return out.getvalue()


@contextmanager
def running():
    service = Service()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.service, server.daemon_threads = service, True
    service.url = f"http://127.0.0.1:{server.server_address[1]}/seal"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
