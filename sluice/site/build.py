"""The pages of the site, written into a folder: an index, one page a dataset, and the Data Docs of the runs it tells."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from components.settings.lake_folder import lake_folder
from etl.contract.severity import Severity
from etl.contract.stage import Stage
from sluice.site import promises, rules, versions
from sluice.site.runs import ContractPair, DatasetRuns, choose_runs
from sluice.site.verdict_store import VerdictStore

TEMPLATES = Path(__file__).parent / "templates"


def build_site(
    pairs: dict[str, ContractPair], out: Path, stores: list[VerdictStore], root: Path | None = None
) -> dict[str, DatasetRuns]:
    """Write the site and return what it tells of each dataset's runs.

    Args:
        pairs: the input and the output contract of each dataset.
        out: the folder, made where there is none; what else it holds stays.
        stores: where verdicts and Data Docs lie.
        root: the folder, in a repository, of the lake whose history is told; that of this process by default.
    """
    loader = FileSystemLoader(TEMPLATES)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    shared = {"severities": [*Severity], "style": (TEMPLATES / "style.css").read_text()}
    history = versions.contract_history(root or lake_folder())
    runs_by_dataset = {name: choose_runs(pair, stores, out) for name, pair in pairs.items()}
    _write_page(out / "index.html", environment, "index.html", pairs=pairs, runs=runs_by_dataset, top="", **shared)
    for name, pair in pairs.items():
        steps = history and history.get(name, [])
        page = {"runs": runs_by_dataset[name], "history": steps, "datasets": pairs, "top": "../", **shared}
        _write_page(out / name / "index.html", environment, "dataset.html", **_contract_context(pair), **page)
    return runs_by_dataset


def _write_page(path: Path, environment: Environment, template: str, **context: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(environment.get_template(template).render(**context), encoding="utf-8")


def _contract_context(pair: ContractPair) -> dict[str, Any]:
    input_contract, published = pair
    groups = {contract.stage: rules.group_rules(contract, *pair) for contract in pair}
    return {
        "given": input_contract,
        "published": published,
        "terms": {Stage.INPUT: promises.input_terms(input_contract), Stage.OUTPUT: promises.output_terms(published)},
        "groups": groups,
        "lines": {line.id: line for rule_groups in groups.values() for group in rule_groups for line in group.lines},
    }
