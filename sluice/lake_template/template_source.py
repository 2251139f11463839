"""Where a lake is made from and later updated from: a repository that others reach as well."""

import re
import subprocess
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import yaml

from components.settings.lake_folder import ROOT
from sluice.cli.errors import WrongUse

ANSWERS = ".copier-answers.yml"
COPIERS_OWN = r"(gh:|gl:|git@|git://|git\+|https://github\.com/|https://gitlab\.com/).*|.*\.git"
"""What copier takes for a repository by itself (`copier/_vcs.py`, get_repo); before all else it wants `git+`."""
SCHEME = r"[a-z][a-z0-9+.-]*://.*|(gh|gl):.*|[^/]+@[^/]+:.*"


def template_source(source: str | None, clone: Path = ROOT) -> str:
    """Return the URL that copier takes: `source`, or that of the clone's origin.

    A lake that was made from another repository names that one as its origin. A password in a URL is left out.

    Raises:
        WrongUse: there is no origin, or it is a folder of this machine.
    """
    if source is not None:
        return _as_copier_takes(source if re.fullmatch(SCHEME, source) else _folder_url(source))
    origin = _recorded_source(clone) or _origin(clone)
    if not re.fullmatch(SCHEME, origin):
        raise WrongUse(
            f"this clone's origin is a folder of this machine, {origin}, from which nobody else can update the lake; name the "
            f"repository by --source URL, or --source {_folder_url(origin)} if it shall be that folder"
        )
    return _as_copier_takes(origin)


def _folder_url(text: str) -> str:
    folder = Path(text).expanduser().resolve()
    if not folder.is_dir():
        raise WrongUse(f"{text} is neither a URL nor a folder; name a Git repository by --source")
    return folder.as_uri()


def _as_copier_takes(url: str) -> str:
    parts = urlsplit(url.removeprefix("git+"))
    if parts.scheme in ("http", "https") and "@" in parts.netloc:
        mark = "git+" if url.startswith("git+") else ""
        url = mark + urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return url if re.fullmatch(COPIERS_OWN, url) else f"git+{url}"


def _recorded_source(clone: Path) -> str:
    file = clone / ANSWERS
    try:
        return str(yaml.safe_load(file.read_text(encoding="utf-8"))["_src_path"]) if file.is_file() else ""
    except (yaml.YAMLError, TypeError, KeyError, OSError) as fault:
        raise WrongUse(
            f"{ANSWERS} does not say where this lake comes from ({fault}); name it by --source URL"
        ) from fault


def _origin(clone: Path) -> str:
    # As it is configured: `git remote get-url` would write out a user's own abbreviations (insteadOf).
    command = ["git", "-C", str(clone), "config", "--get", "remote.origin.url"]
    completed = subprocess.run(command, capture_output=True, text=True, check=False)
    if not completed.stdout.strip():
        raise WrongUse(
            "this copy of Sluice has no origin, so a lake would not know where its updates come from; name the repository "
            "by --source URL"
        )
    return completed.stdout.strip()
