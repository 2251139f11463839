"""A real Chromium on a page of ours, and what the page reports."""

import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sluice.sandbox.chromium import unconfined_flags
from sluice.sandbox.jobs.environment import LOOPBACK

PAGE = "page.example"
REBOUND = "rebound.example"
FLAGS = (
    "--headless=new",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    f"--host-resolver-rules=MAP {PAGE} {LOOPBACK}, MAP {REBOUND} {LOOPBACK}",
)


class NoReport(RuntimeError):
    """The browser ended, or time did, before the page reported; the message is what the browser wrote."""


def page_report(browser: str, page: str, parameters: Mapping[str, str], folder: Path, seconds: float = 60) -> Any:
    """Show a page (HTML) under the name PAGE, with these query parameters; return what it posts to `/report`, as JSON.

    `folder` gets the browser's profile. No process of the browser outlives the call.

    Raises:
        NoReport: nothing was posted within `seconds`.
    """
    with _serve_page(page) as (port, posted):
        url = f"http://{PAGE}:{port}/?{urlencode(parameters)}"
        log = folder / "browser.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [browser, *FLAGS, *unconfined_flags(), f"--user-data-dir={folder / 'profile'}", url],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            return posted.wait_for_body(seconds, process)
        except TimeoutError as fault:
            raise NoReport(f"{browser}: {fault}\n{log.read_text(errors='replace')[-2000:]}") from fault
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@dataclass
class _PostedReport:
    arrived: threading.Event = field(default_factory=threading.Event)
    body: bytes = b""

    def wait_for_body(self, seconds: float, process: subprocess.Popen[bytes]) -> Any:
        for _ in range(int(seconds * 10)):
            if self.arrived.wait(0.1):
                return json.loads(self.body)
            if process.poll() is not None:
                raise TimeoutError(f"it ended with code {process.returncode} before the page reported")
        raise TimeoutError(f"the page reported nothing within {seconds:g} s")


@contextmanager
def _serve_page(page: str) -> Iterator[tuple[int, _PostedReport]]:
    posted = _PostedReport()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.encode())

        def do_POST(self) -> None:
            posted.body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(204)
            self.end_headers()
            posted.arrived.set()

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port, posted
    finally:
        server.shutdown()
        server.server_close()
