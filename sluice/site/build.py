"""The pages of the site, written into a folder: overview, rules, a page for each dataset and each rule."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from components.settings.lake_folder import lake_folder
from sluice.site import versions
from sluice.site.assets_place import AssetsPlace
from sluice.site.dataset_history import DatasetHistory, first_day, tell_history
from sluice.site.dataset_page import contract_context, history_context, rule_texts_of, run_context
from sluice.site.overview import Standing, dataset_standing, rank_standings
from sluice.site.pages import PageWriter
from sluice.site.results_read import list_result_datasets, read_dataset_results
from sluice.site.rule_pages import RulePage, rule_pages
from sluice.site.runs import ContractPair, DatasetRuns, choose_runs
from sluice.site.trends import observed_chart, rule_chart


@dataclass
class Site:
    """What a site tells: of each dataset how it stands and its rules; retired ones have results and no contracts."""

    standings: dict[str, Standing] = field(default_factory=dict[str, Standing])
    retired: dict[str, Standing] = field(default_factory=dict[str, Standing])
    rules: list[RulePage] = field(default_factory=list[RulePage])
    unreadable: list[str] = field(default_factory=list[str])

    @property
    def has_results(self) -> bool:
        """Whether any run's line was read."""
        return any(standing.recent for standing in (*self.standings.values(), *self.retired.values()))


def build_site(
    pairs: Mapping[str, ContractPair],
    out: Path,
    places: list[AssetsPlace],
    root: Path | None = None,
    now: datetime | None = None,
) -> Site:
    """Write the site and return what it tells.

    Args:
        pairs: the input and the output contract of each dataset.
        out: the folder, made where there is none; what else it holds stays.
        places: where results, verdicts and Data Docs lie.
        root: the folder, in a repository, of the lake whose history is told; that of this process by default.
        now: the time that ages and the last day are of, with a time zone; by default, the time of the call.

    Raises:
        WrongUse: a place does not answer.
    """
    now = now or datetime.now(UTC)
    writer = PageWriter(out, now, bool(places))
    steps = versions.contract_history(root or lake_folder())
    result_datasets, odd = list_result_datasets(places)
    site = Site(unreadable=odd)
    for name, pair in pairs.items():
        history = _read_history(name, pair, places, now)
        runs = choose_runs(pair, history.runs, places, out)
        of_dataset = None if steps is None else steps.get(name, [])
        rules = rule_pages(history, rule_texts_of(pair), of_dataset)
        site.standings[name] = dataset_standing(pair, history, runs)
        page = {"history": history, "runs": runs, "standing": site.standings[name], "steps": of_dataset, "rules": rules}
        context = contract_context(pair) | history_context(history) | run_context(history, runs)
        writer.write(f"{name}/index.html", **page, **context, datasets=pairs)
        _write_rules(writer, history, rules, site)
    for name in result_datasets:
        if name not in pairs:
            _write_retired(writer, _read_history(name, None, places, now), site)
    _write_overview(writer, site)
    return site


def _read_history(name: str, pair: ContractPair | None, places: list[AssetsPlace], now: datetime) -> DatasetHistory:
    results = read_dataset_results(places, name, first_day(now.date()), now.date())
    return tell_history(name, results, pair or (), now)


def _write_rules(writer: PageWriter, history: DatasetHistory, rules: dict[str, RulePage], site: Site) -> None:
    for page in rules.values():
        charts = {"chart": None, "observed": None}
        if page.history:
            charts = {"chart": rule_chart(page.history, history), "observed": observed_chart(page.history, history)}
        writer.write(f"{history.dataset}/rules/{page.file}", template="rule.html", page=page, history=history, **charts)
    site.rules += rules.values()
    site.unreadable += history.unreadable


def _write_retired(writer: PageWriter, history: DatasetHistory, site: Site) -> None:
    """Write the page of a dataset that has results and no contracts."""
    rules = rule_pages(history, {}, None)
    site.retired[history.dataset] = standing = dataset_standing(None, history, None)
    page = {"history": history, "standing": standing, "rules": rules, "runs": DatasetRuns(None, [])}
    writer.write(f"{history.dataset}/index.html", template="retired.html", **page, **history_context(history))
    _write_rules(writer, history, rules, site)


def _write_overview(writer: PageWriter, site: Site) -> None:
    ranked = rank_standings(site.standings.values())
    writer.write("index.html", site=site, standings=ranked, retired=rank_standings(site.retired.values()))
    ordered = sorted(site.rules, key=lambda page: (-page.days_broken, page.dataset, page.text.id))
    writer.write("rules.html", pages=ordered)
    writer.copy_style()
