"""A proxy before the emulator: it passes every request on, until a plan says that one is to meet a fault."""

import http.client
import re
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from sluice.sandbox.jobs.environment import LOOPBACK

SCOPE = re.compile(r"Credential=[^/]+/(?P<day>\d+)/[^/]+/(?P<service>[^/]+)/")
HOP_HEADERS = ("connection", "keep-alive", "transfer-encoding", "content-length")
TIMEOUT_SECONDS = 4.0  # seconds: beyond every read time-out that the tests' clients have


class Fault(Enum):
    """What a request may meet; of the LOST ones the service carries the request out."""

    ERROR = "500"
    SLOW_DOWN = "503 slow down"
    RESET = "reset before it"
    LOST = "reset after it"
    CUT = "cut off in the answer"
    TIMEOUT = "time-out before it"
    LOST_TIMEOUT = "time-out after it"
    DENIED = "403 access denied"


CARRIED_OUT = (Fault.LOST, Fault.CUT, Fault.LOST_TIMEOUT)
CODES = {  # status and error code, by service: S3's own, Glue's and CloudWatch's
    Fault.ERROR: {"s3": (500, "InternalError"), "": (500, "InternalServiceException")},
    Fault.SLOW_DOWN: {"s3": (503, "SlowDown"), "": (400, "ThrottlingException")},
    Fault.DENIED: {"s3": (403, "AccessDenied"), "": (400, "AccessDeniedException")},
}


@dataclass(frozen=True)
class Request:
    """One request: the service that its signature names, Glue's or CloudWatch's operation or the HTTP method, its path."""

    service: str
    action: str
    path: str
    sender: str = ""

    def is_of(self, service: str, action: str, path: str = "") -> bool:
        """Say whether it is such a request; `path` is a regular expression that is to be found in its path."""
        return self.service == service and self.action == action and bool(re.search(path, self.path))


Plan = Callable[[Request], Fault | None]


@dataclass
class Proxy:
    """A running proxy: `plan` decides on each request, `after` hears of each that was carried out."""

    endpoint: str
    upstream: str
    plan: Plan | None = None
    after: Callable[[Request], None] | None = None
    commits: int = 0  # of tables, carried out
    ahead: timedelta = timedelta(0)  # of the machine's clock, as the answers say theirs
    met: Counter[Fault] = field(default_factory=Counter)
    _gate: threading.Lock = field(default_factory=threading.Lock)

    def decide_fault(self, request: Request) -> Fault | None:
        """Return what a request meets, and count it."""
        with self._gate:
            fault = self.plan(request) if self.plan else None
            if fault:
                self.met[fault] += 1
        return fault

    @contextmanager
    def follow_plan(self, plan: Plan) -> Iterator[Counter[Fault]]:
        """Follow a plan for a while; yields what was met in that while."""
        before = self.met.copy()
        met = Counter[Fault]()
        self.plan = plan
        try:
            yield met
        finally:
            self.plan = None
            met.update(self.met - before)


@contextmanager
def running_proxy(upstream: str) -> Iterator[Proxy]:
    """Yield a proxy before the service at `upstream` (a URL)."""
    server = _Server((LOOPBACK, 0), _Handler)
    server.proxy = proxy = Proxy(f"http://{LOOPBACK}:{server.server_address[1]}", upstream)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    proxy: Proxy
    daemon_threads = True
    request_queue_size = 128


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server  # pyright: ignore[reportIncompatibleVariableOverride]

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: what was met is counted."""

    def handle(self) -> None:
        """Serve a connection until either side ends it."""
        with suppress(OSError, ValueError):  # of a client that hung up
            super().handle()

    def do_GET(self) -> None:
        """Pass a request on, or let it meet its fault."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        scope = SCOPE.search(self.headers.get("Authorization", ""))
        target = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        service = scope["service"] if scope else ""
        request = Request(service, target or self.command, unquote(self.path), self.headers.get("User-Agent", ""))
        fault = self.server.proxy.decide_fault(request)
        if fault in (Fault.RESET, Fault.TIMEOUT):
            return self._hang_up(TIMEOUT_SECONDS if fault is Fault.TIMEOUT else 0)
        if fault in CODES:
            return self._send_refusal(service, *CODES[fault].get(service, CODES[fault][""]))
        answer = self._forward_request(body)
        self.server.proxy.commits += request.action in ("CreateTable", "UpdateTable")
        if self.server.proxy.after:
            self.server.proxy.after(request)
        if fault in (Fault.LOST, Fault.LOST_TIMEOUT):
            return self._hang_up(TIMEOUT_SECONDS if fault is Fault.LOST_TIMEOUT else 0)
        return self._send_answer(*answer, cut=fault is Fault.CUT)

    do_PUT = do_POST = do_DELETE = do_HEAD = do_GET

    def _forward_request(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection(urlsplit(self.server.proxy.upstream).netloc, timeout=120)
        # Under its own name: the service answers to no other, and compares no signature, which the name is part of.
        connection.putrequest(self.command, self.path, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in ("connection", "expect", "host"):
                connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        content = answer.read()
        length = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(content))
        headers = [
            (name, self._shift_date(name, value))
            for name, value in answer.getheaders()
            if name.lower() not in HOP_HEADERS
        ]
        connection.close()
        return answer.status, [*headers, ("Content-Length", length or "0")], content

    def _shift_date(self, name: str, value: str) -> str:
        if name.lower() != "date":
            return value
        return format_datetime(parsedate_to_datetime(value) - self.server.proxy.ahead, usegmt=True)

    def _send_answer(self, status: int, headers: list[tuple[str, str]], content: bytes, cut: bool = False) -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if cut else content)
        if cut:
            self._hang_up(0)

    def _send_refusal(self, service: str, status: int, code: str) -> None:
        if service == "s3":
            text = f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>{code}</Message></Error>'
            kind = "application/xml"
        else:
            text, kind = f'{{"__type":"{code}","message":"{code}"}}', "application/x-amz-json-1.1"
        length = 0 if self.command == "HEAD" else len(text)
        headers = [("Content-Type", kind), ("x-amzn-ErrorType", code), ("Content-Length", str(length))]
        self._send_answer(status, headers, text.encode()[:length])

    def _hang_up(self, seconds: float) -> None:
        time.sleep(seconds)
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()
        self.wfile.close()
        self.connection.close()  # with a reset, since nothing lingers
