"""A Chromium of this machine: where it is, and a picture of a page by it."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from sluice.sandbox.jobs.environment import clean_environment

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ("--headless=new", "--no-first-run", "--disable-background-networking", "--disable-gpu", "--hide-scrollbars")
SECONDS = 60
PICTURE_SIZE = (1280, 800)


class NoBrowser(RuntimeError):
    """There is no Chromium to ask; the message says what was looked for."""


def find_chromium() -> str:
    """Return the path of a Chromium: `CHROMIUM` in the environment, else the first of NAMES on the PATH.

    Raises:
        NoBrowser: there is none.
    """
    named = os.environ.get("CHROMIUM", "")
    path = shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        reason = f"CHROMIUM={named} is no program" if named else f"none of {', '.join(NAMES)} is on the PATH"
        raise NoBrowser(f"no Chromium here: {reason}. Install one, or name it: CHROMIUM=/path/to/chromium make browser")
    return path


def unconfined_flags() -> tuple[str, ...]:
    """Return what Chromium needs to start as root, whom its own sandbox refuses."""
    return ("--no-sandbox",) if os.geteuid() == 0 else ()


def take_picture(page: Path, picture: Path) -> None:
    """Write what a window shows of a page from the disk, as PNG.

    Raises:
        NoBrowser: there is none, or it made no picture in time.
    """
    width, height = PICTURE_SIZE
    with tempfile.TemporaryDirectory() as profile:
        flags = (*FLAGS, *unconfined_flags(), f"--user-data-dir={profile}", f"--window-size={width},{height}")
        command = [find_chromium(), *flags, f"--screenshot={picture.resolve()}", page.resolve().as_uri()]
        try:
            subprocess.run(command, env=clean_environment(), capture_output=True, check=True, timeout=SECONDS)
        except (subprocess.SubprocessError, OSError) as error:
            raise NoBrowser(f"{command[0]} made no picture: {error}") from error
    if not picture.is_file():
        raise NoBrowser(f"{command[0]} made no picture, and said nothing of it")
