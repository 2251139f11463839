"""Templates into files: what every page shares, and how a page finds its template."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from etl.contract.severity import Severity
from sluice.day_results.day_states import DayState
from sluice.program.bill.price_list import glue_dpu_hour
from sluice.site.content_policy import content_policy
from sluice.site.overview import strip_words
from sluice.site.rule_pages import MOST_LINES

TEMPLATES = Path(__file__).parent / "templates"
TEMPLATE_OF_DATASET = "dataset.html"
STYLE, SCRIPT = "style.css", "site.js"


class PageWriter:
    """Writes pages below a folder."""

    def __init__(self, out: Path, now: datetime, has_places: bool) -> None:
        loader = FileSystemLoader(TEMPLATES)
        self.out = out
        self.environment = Environment(
            loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        self.environment.filters["strip_words"] = strip_words  # pyright: ignore[reportUnknownMemberType]
        script = (TEMPLATES / SCRIPT).read_text(encoding="utf-8").strip()
        self.environment.globals.update(  # pyright: ignore[reportUnknownMemberType]
            {
                "severities": [*Severity],
                "day_states": [*DayState],
                "price": glue_dpu_hour(),
                "most_lines": MOST_LINES,
                "written": f"{now.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
                "has_places": has_places,
                "script": script,
                "policy": content_policy(script),
                "policy_without_script": content_policy(),
            }
        )

    def write(self, path: str, template: str = "", **context: Any) -> None:
        """Write a page below the folder; by default its template is that of a dataset, or is called as the page."""
        file = self.out / path
        file.parent.mkdir(parents=True, exist_ok=True)
        name = template or (TEMPLATE_OF_DATASET if "/" in path else path)
        context["top"] = "../" * path.count("/")
        text = self.environment.get_template(name).render(**context)
        # JSON may hold halves of characters, which UTF-8 has no form for.
        file.write_bytes(text.encode(errors="replace"))

    def copy_style(self) -> None:
        """Write the style that the pages share."""
        (self.out / STYLE).write_text((TEMPLATES / STYLE).read_text(encoding="utf-8"), encoding="utf-8")
