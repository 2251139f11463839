"""A Chromium that is steered by its DevTools protocol over a pipe: pages from the disk, keys, sizes, pictures."""

import base64
import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sluice.sandbox.chromium import unconfined_flags

FLAGS = (
    "--headless=new",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)
SECONDS = 60
LOGGED = ("Log.entryAdded", "Runtime.exceptionThrown")


class BrowserFault(RuntimeError):
    """The browser did not do what was asked; the message is its own."""


class Page:
    """One tab. `faults` are what its console had to say of the page: errors, and what the page's policy kept from loading."""

    def __init__(self, read_from: int, write_to: int) -> None:
        self.read_from, self.write_to = read_from, write_to
        self.buffer, self.session, self.number = b"", "", 0
        self.events: list[dict[str, Any]] = []
        self.faults: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol and return its result.

        Raises:
            BrowserFault: the browser refused, ended, or took too long.
        """
        self.number += 1
        message: dict[str, Any] = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.write_to, data) :]
        while True:
            answer = self._next_message()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise BrowserFault(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def show(self, url: str, width: int = 1280, height: int = 800, scheme: str = "light", media: str = "") -> None:
        """Show a page in a window of this size, as a phone below 500 pixels; wait until it is loaded."""
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500
        )
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", media=media, features=features)
        self.faults.clear()
        self.events.clear()
        self.call("Page.navigate", url="about:blank")
        self._wait_for("Page.loadEventFired")
        self.call("Page.navigate", url=url)
        self._wait_for("Page.loadEventFired")

    def evaluate(self, expression: str) -> Any:
        """Return what JavaScript evaluates to, plain data; a promise is waited for. The page's policy does not keep it."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise BrowserFault(str(result["exceptionDetails"]))
        return result["result"].get("value")

    def press(self, key: str, code: int, modifiers: int = 0) -> None:
        """Press a key: its name, its Windows code, and the sum of what is held with it (2 is Ctrl)."""
        for kind in ("rawKeyDown", "keyUp"):
            self.call(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, modifiers=modifiers
            )

    def type_text(self, text: str) -> None:
        """Type text where the focus is."""
        self.call("Input.insertText", text=text)

    def picture(self, path: Path) -> None:
        """Write what the window shows, as PNG."""
        data = self.call("Page.captureScreenshot", format="png")["data"]
        path.write_bytes(base64.b64decode(data))

    def _wait_for(self, event: str) -> None:
        while not any(each["method"] == event for each in self.events):
            self._next_message()
        self.events.clear()

    def _next_message(self) -> dict[str, Any]:
        end = time.monotonic() + SECONDS
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.read_from], [], [], max(0.0, end - time.monotonic()))
            data = os.read(self.read_from, 1 << 20) if ready else b""
            if not data:
                raise BrowserFault("the browser ended" if ready else f"it did not answer within {SECONDS} s")
            self.buffer += data
        text, _, self.buffer = self.buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        if "method" in message:
            self.events.append(message)
            if message["method"] in LOGGED:
                self.faults.append(json.dumps(message["params"]))
        return message


@contextmanager
def open_page(browser: str, folder: Path) -> Iterator[Page]:
    """Start a browser with a profile in a folder, and give a page of it. No process of it outlives the block."""
    to_browser, from_browser = os.pipe(), os.pipe()
    command = [browser, *FLAGS, *unconfined_flags(), f"--user-data-dir={folder / 'profile'}"]
    # It reads its commands from the descriptor 3 and answers on 4.
    script = f'exec "$@" 3<&{to_browser[0]} 4>&{from_browser[1]}'
    with (folder / "browser.log").open("wb") as log:
        process = subprocess.Popen(
            ["bash", "-c", script, "bash", *command],
            pass_fds=(to_browser[0], from_browser[1]),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    os.close(to_browser[0])
    os.close(from_browser[1])
    try:
        yield Page(from_browser[0], to_browser[1])
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        os.close(to_browser[1])
        os.close(from_browser[0])
