"""What goes on while a command works, a line for each dataset, on stderr: stdout belongs to what it comes to.

On a terminal the lines stand and their seconds run until the work is done; elsewhere, and on a dumb one, each change is a line.
A command that is done within a second shows nothing.
"""

import os
import sys
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from etl.wording import clean_text
from sluice.console import make_console, wrap_output

if TYPE_CHECKING:
    from rich.live import Live
    from rich.text import Text

QUIET_SECONDS = 1.0
DRAWN_PER_SECOND = 4


class Progress:
    """Lines of progress, shown while the block lasts.

    Attributes:
        goes_on: what goes on when the command is interrupted, and how to look; "" while nothing would. The last lines of it are
            commands, as `sluice.word_wrap.copied_line` makes them.
    """

    def __init__(self) -> None:
        """Show nothing yet."""
        self.goes_on = ""
        self._states: dict[str, str] = {}
        self._lock = threading.Lock()
        self._is_shown = False
        self._live: Live | None = None
        self._started_at = time.monotonic()
        self._timer = threading.Timer(QUIET_SECONDS, self._begin)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        """Begin; the first line is shown after a second."""
        self._timer.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Take the lines away.

        Raises:
            KeyboardInterrupt: the work was interrupted; the message says what goes on.
        """
        self._timer.cancel()
        with self._lock:
            self._is_shown = False
            if self._live:
                self._live.stop()
        if kind is KeyboardInterrupt:
            raise KeyboardInterrupt(self.goes_on or "nothing of it goes on") from error

    def show(self, name: str, state: str) -> None:
        """Say how a dataset stands, in place of what was said before."""
        with self._lock:
            is_new = self._states.get(name) != state
            self._states[name] = state
            if is_new and self._is_shown and not self._live:
                _print_line(name, state)

    def _begin(self) -> None:
        with self._lock:
            self._is_shown = True
            if _is_drawn():
                self._live = self._draw()
            else:
                for name, state in self._states.items():
                    _print_line(name, state)

    def _draw(self) -> "Live":
        from rich.live import Live  # noqa: PLC0415  few commands take so long

        live = Live(
            console=make_console(stderr=True),
            get_renderable=self._render,
            refresh_per_second=DRAWN_PER_SECOND,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        live.start()
        return live

    def _render(self) -> "Text":
        from rich.text import Text  # noqa: PLC0415  few commands take so long

        width = max(map(len, self._states), default=0)
        seconds = f"{time.monotonic() - self._started_at:.0f} s"
        lines = [clean_text(f"{name:<{width}}  {state}") for name, state in self._states.copy().items()]
        return Text("\n".join([*lines, seconds]), style="dim", no_wrap=True, overflow="ellipsis")


def _is_drawn() -> bool:
    return sys.stderr.isatty() and os.environ.get("TERM") not in (None, "", "dumb", "unknown")


def _print_line(name: str, state: str) -> None:
    print("\n".join(wrap_output(clean_text(f"{name}: {state}"))), file=sys.stderr, flush=True)
