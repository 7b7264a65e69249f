# SPDX-License-Identifier: MIT
"""A web server on 127.0.0.1 with the paths of an archive and of a venue, and their faults."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

Answer = Callable[[dict[str, str]], bytes]


@dataclass
class Site:
    """What the server serves and how it misbehaves.

    ``faults[path]`` is a list of faults used up one per request: ``cut:N`` closes the
    connection after N bytes, ``429`` and ``500`` answer so, ``corrupt`` flips a byte,
    ``no-range`` ignores the Range header.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    faults: dict[str, list[str]] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""


class _Handler(BaseHTTPRequestHandler):
    site: Site

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        wanted = self.headers.get("Range", "")
        self.site.requests.append((self.path, wanted))
        queue = self.site.faults.get(parts.path, [])
        fault = queue.pop(0) if queue else ""
        if fault in ("429", "500", "403"):
            self._head(int(fault), 0, {"Retry-After": "7"} if fault == "429" else {})
            return
        if parts.path in self.site.answers:
            query = {k: v[0] for k, v in parse_qs(parts.query).items()}
            body = self.site.answers[parts.path](query)
            self._head(200, len(body), {"Content-Type": "application/json"})
            self.wfile.write(body)
            return
        body = self.site.files.get(parts.path, b"")
        if not body:
            self._head(404, 0, {})
            return
        self._file(body, wanted, fault)

    def _file(self, body: bytes, wanted: str, fault: str) -> None:
        if fault == "corrupt":
            body = body[:-5] + bytes([body[-5] ^ 1]) + body[-4:]
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        if fault == "no-range":
            start = 0
        if start >= len(body):
            self._head(416, 0, {})
            return
        self._head(206 if start else 200, len(body) - start, {})
        rest = body[start:]
        if fault.startswith("cut:"):
            self.wfile.write(rest[: int(fault[4:])])
            self.wfile.flush()
            self.connection.close()
            return
        self.wfile.write(rest)

    def _head(self, status: int, length: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Keep test output quiet."""


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    """Serve a site while the block runs."""
    handler = type("Handler", (_Handler,), {"site": site})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        site.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()
