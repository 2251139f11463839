"""The pages of a site as a browser has them: elements with their text, and what they link or load."""

import base64
import hashlib
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

VOID = {"meta", "link", "br", "img", "hr", "input", "base", "source", "path"}
LOADING = {"script", "img", "iframe", "object", "embed", "video", "audio", "source", "form", "base"}


class Html(HTMLParser):
    """One page."""

    def __init__(self, path: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.path, self.source = path, path.read_text()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.scripts: list[str] = []
        self._open: list[tuple[str, str | None]] = []
        self.feed(self.source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        if tag not in VOID:
            self._open.append((tag, attributes.get("id")))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        assert self._open, f"</{tag}> closes nothing"
        assert self._open[-1][0] == tag, f"{self._open[-1]} is closed by </{tag}>"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1][0] == "script":
            self.scripts.append(data)
        elif self._open and self._open[-1][0] != "style":
            for _, name in {("", ""), *self._open}:
                if name is not None:
                    self.texts.setdefault(name, []).append(data)

    def text(self, name: str = "") -> str:
        """Return what a reader sees in the element with this id, or on the whole page, with single blanks."""
        return " ".join(" ".join(self.texts[name]).split())

    @property
    def links(self) -> list[str]:
        """Where its `href`s lead."""
        return [str(attributes["href"]) for _, attributes in self.tags if "href" in attributes]

    @property
    def loaded_resources(self) -> list[str]:
        """What a browser would fetch or run for it, but for the site's own style and a script that its policy has."""
        tags = [tag for tag, _ in self.tags if tag in LOADING and tag != "script"]
        tags += [script for script in self.scripts if f"'sha256-{_digest(script)}'" not in self.source]
        tags += [tag for tag, attributes in self.tags if tag == "script" and attributes]
        attributes = [
            f"{tag} {name}"
            for tag, attribute_values in self.tags
            for name in attribute_values
            if _loads_resource(tag, name, attribute_values[name])
        ]
        return [*tags, *attributes, *re.findall(r"url\(|@import", self.source)]


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _loads_resource(tag: str, name: str, value: str | None) -> bool:
    if tag == "link" and name == "href":
        return value != "data:," and not (value or "").endswith("style.css")
    return name in ("src", "srcset", "background", "poster", "action") or name.startswith("on")


def unresolved_links(site: Path) -> Iterator[str]:
    """Yield the links of a site that lead to no file, or to no element of it."""
    pages = {path.resolve(): Html(path) for path in site.rglob("*.html")}
    assert pages, f"{site} has no page"
    for path, page in pages.items():
        for link in page.links:
            file, _, fragment = link.partition("#")
            target = (path.parent / unquote(file)).resolve() if file else path
            if link == "data:," or (link.endswith("style.css") and target.is_file()):
                continue
            if target not in pages or (fragment and not _has_id(pages[target], unquote(fragment))):
                yield f"{path}: {link}"


def _has_id(page: Html, fragment: str) -> bool:
    return any(attributes.get("id") == fragment for _, attributes in page.tags)
