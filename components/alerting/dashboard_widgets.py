"""What the dashboard draws and says, in the words of the site: its headings, states of rules and promises.

Source of the widgets' keys: Amazon CloudWatch, Dashboard body structure and syntax.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from components.names import Names
from components.orchestration.message_words import RUNBOOK, runbook_link
from components.settings.stack_settings import Dataset

DAY_SECONDS = 86400
ROWS_PUBLISHED, ROWS_ASIDE, BROKEN_RULES = "Rows published", "Rows set aside", "Broken rules"
FRESHNESS = "Freshness, in hours"
Widget = dict[str, Any]
Metric = list[Any]


@dataclass(frozen=True)
class Page:
    """A stack's dashboard: what its resources are called, and where the site and the pages of `docs/` are; "" for nowhere."""

    names: Names
    site_url: str = ""
    docs_url: str = ""

    @property
    def site_words(self) -> str:
        """The site as a link, or what writes it."""
        says = "how each dataset stands, its days, trends, rules, bad runs and costs"
        return f"[The site]({self._site_page('index.html')}): {says}." if self.site_url else f"`sluice docs`: {says}."

    @property
    def runbook_words(self) -> str:
        """The runbook as a link, or its name in the repository."""
        link = runbook_link(self.docs_url, "").rstrip("#")
        return f"[The runbook]({link}): when it rings." if self.docs_url else f"`{RUNBOOK}`: when it rings."

    def dataset_words(self, dataset: Dataset) -> str:
        """Return the line above a dataset's graphs, in Markdown."""
        verdict = f"s3://{self.names.bucket('assets')}/verdicts/{dataset.name}/latest.json"
        link = f" [Days, trends, runs]({self._site_page(f'{dataset.name}/index.html')})." if self.site_url else ""
        owner = f"Owner {plain_markdown(dataset.terms.owner)}."
        return f"**{plain_markdown(dataset.name)}** {owner}{link} Latest verdict: `{verdict}`"

    def dataset_graphs(self, dataset: Dataset) -> list[Widget]:
        """Return a dataset's four graphs."""
        job, hours = self.names.resource_name(dataset.name), dataset.terms.freshness_hours
        rows = {"RowsRead": "Rows read", "RowsPublished": ROWS_PUBLISHED, "RowsQuarantined": ROWS_ASIDE}
        rules = {"Violations": "broken", "RulesInError": "in error", "RulesNotEvaluated": "not evaluated"}
        elapsed = ["Glue", "glue.driver.aggregate.elapsedTime", "JobName", job, "JobRunId", "ALL", "Type", "count"]
        promise = {"horizontal": [{"label": f"promised within {hours} h", "value": hours}]}
        return [
            self._graph("Rows", [sluice_metric(job, metric, label) for metric, label in rows.items()]),
            self._graph(BROKEN_RULES, [sluice_metric(job, metric, label) for metric, label in rules.items()]),
            self._graph("Duration of runs, in milliseconds", [elapsed]),
            self._graph(FRESHNESS, [sluice_metric(job, "HoursSinceLastPublish", "old")], annotations=promise),
        ]

    def shared_graphs(self, datasets: Sequence[Dataset]) -> list[Widget]:
        """Return four graphs with a line for each of these datasets."""
        titles = {
            ROWS_PUBLISHED: "RowsPublished",
            ROWS_ASIDE: "RowsQuarantined",
            BROKEN_RULES: "Violations",
            FRESHNESS: "HoursSinceLastPublish",
        }
        jobs = {dataset.name: self.names.resource_name(dataset.name) for dataset in datasets}
        return [
            self._graph(title, [sluice_metric(job, metric, name) for name, job in jobs.items()])
            for title, metric in titles.items()
        ]

    def _graph(self, title: str, metrics: list[Metric], **properties: Any) -> Widget:
        """Return a graph over time of the largest value of each day."""
        scale = {"region": self.names.region, "stat": "Maximum", "period": DAY_SECONDS, "view": "timeSeries"}
        return {"type": "metric", "properties": {"title": title, "metrics": metrics, **scale, **properties}}

    def _site_page(self, path: str) -> str:
        return f"{self.site_url.rstrip('/')}/{path}"


def sluice_metric(job: str, metric: str, label: str) -> Metric:
    """Return a metric of a job as a dashboard names it."""
    return ["Sluice", metric, "JobName", job, {"label": label}]


def text_widget(markdown: str) -> Widget:
    """Return a text in Markdown."""
    return {"type": "text", "properties": {"markdown": markdown}}


def plain_markdown(text: str) -> str:
    """Return a text from outside so that Markdown and HTML in it show as they are written, on one line."""
    line = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"[\\`*_{}\[\]()#+!|~]", r"\\\g<0>", line)
