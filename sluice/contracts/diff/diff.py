"""`diff`: what changed between two commits' contracts, and the version that each suite needs for it."""

from dataclasses import dataclass, replace
from typing import Any

from etl.contract.faults import Fault
from etl.contract.loading import contract_of, parse_suite
from etl.contract.model import Contract
from etl.contract.stage import Stage, other_suite
from etl.iceberg.migration import Refusal, migration_refusals
from etl.iceberg.schema import TableSchema
from etl.results.rule_line import RuleLine
from etl.wording import count_noun
from sluice.contracts.diff.changes import CONSUMERS, DOCUMENTATION, LOOSENED, PRODUCERS, Bump, Change, version_bump
from sluice.contracts.diff.git_history import SuiteTexts
from sluice.contracts.diff.meta_changes import column_changes, find_renames, meta_changes, rename_columns
from sluice.contracts.diff.pair_changes import demanded_already, still_refused, unheld_rules
from sluice.contracts.diff.rule_changes import rule_changes
from sluice.contracts.diff.rule_days import RuleDays, rule_days


@dataclass(frozen=True)
class SuiteDiff:
    """What changed in one suite file; `faults` are those that keep its new state from loading.

    Without `bump` there is nothing to hold the version against: the suite is new, gone, or one side does not load.
    `notes` are what follows from the changes together with the dataset's other suite; `migrations` is what a run will refuse
    on a table that the old state published, with the ways out; `days` is what results say of the changed rules.
    """

    path: str
    changes: list[Change]
    bump: Bump | None = None
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()
    migrations: tuple[Refusal, ...] = ()
    days: tuple[RuleDays, ...] = ()

    @property
    def enough(self) -> bool:
        """Say whether it loads and its version was raised as its changes need."""
        return not self.faults and (self.bump is None or self.bump.enough)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        version = self.bump and {
            "from": self.bump.before,
            "to": self.bump.after,
            "step": self.bump.step,
            "least": self.bump.least,
            "enough": self.bump.enough,
        }
        faults = [{"rule": fault.rule, "found": fault.problem, "remedy": fault.remedy} for fault in self.faults]
        migrations = [
            {
                "what": refusal.what,
                "ways": [{"words": option.words, "statements": [*option.statements]} for option in refusal.ways],
            }
            for refusal in self.migrations
        ]
        changes = [change.as_json() for change in self.changes]
        consequences = {"notes": [*self.notes], "migrations": migrations}
        return {
            "file": self.path,
            "version": version,
            "changes": changes,
            "faults": faults,
            **consequences,
            **self._days_json(),
        }

    def _days_json(self) -> dict[str, Any]:
        return {"last_days": [days.as_json() for days in self.days]} if self.days else {}


def diff_suites(before: SuiteTexts, after: SuiteTexts) -> list[SuiteDiff]:
    """Return what changed, suite by suite; those without a change are left out."""
    paths = [path for path in sorted(before.keys() | after.keys()) if before.get(path) != after.get(path)]
    suite_diffs = [_diff_file(path, before, after) for path in paths]
    return [
        suite_diff
        for suite_diff in suite_diffs
        if suite_diff.changes
        or suite_diff.faults
        or (suite_diff.bump and suite_diff.bump.before != suite_diff.bump.after)
    ]


def dataset_of(path: str) -> str:
    """Return the dataset of a suite's path, expectations/<dataset>/<stage>.json."""
    return path.split("/")[1]


def with_days(suite_diff: SuiteDiff, before: SuiteTexts, after: SuiteTexts, lines: list[RuleLine]) -> SuiteDiff:
    """Return what changed in a suite with what the results of its dataset say of the rules that changed."""
    old, new = (_load_suite(side.get(suite_diff.path))[0] for side in (before, after))
    changed = [change.subject for change in suite_diff.changes]
    return replace(suite_diff, days=tuple(rule_days(old, new, changed, lines)))


def _diff_file(path: str, *sides: SuiteTexts) -> SuiteDiff:
    before, after = (side.get(path) for side in sides)
    old, _ = _load_suite(before)
    new, faults = _load_suite(after)
    if after is None:
        return SuiteDiff(path, [_removed_change(path, sides[-1])])
    if new is None:
        return SuiteDiff(path, [], faults=tuple(faults))
    if old is None:
        words = f"version {new.version}, {count_noun(len(new.columns), 'column')}, {count_noun(len(new.rules), 'rule')}"
        words += (
            f"; {_for_whom(new)}" if before is None else "; what it was before does not load, so it cannot be compared"
        )
        return SuiteDiff(path, [Change("contract", words, "added", LOOSENED)])
    twin_path = path.replace(f"/{new.stage}.json", f"/{other_suite(new.stage)}.json")
    twin, twin_before = (_load_suite(side.get(twin_path))[0] for side in sides[::-1])
    changes = changes_of(old, new, twin, twin_before)
    notes = tuple(still_refused(rename_columns(old, find_renames(old, new)), new, twin)) if twin else ()
    return SuiteDiff(path, changes, version_bump(old.version, new.version, changes), (), notes, migrations_of(old, new))


def _for_whom(new: Contract) -> str:
    """Say what a new suite means to whom."""
    if new.stage is Stage.OUTPUT:
        return f"readers get a table {new.dataset}; nobody has to do anything"
    if new.sources:
        return f"it is built from {', '.join(source.dataset for source in new.sources)}, whose producers do nothing"
    return f"producers may send {new.format} files below {new.dataset}/; nobody has to do anything"


def _removed_change(path: str, side: SuiteTexts) -> Change:
    """Say what it means to whom that a suite is gone."""
    _, dataset, file = path.split("/")
    if file == "input.json":
        return Change("contract", f"files below {dataset}/ are no longer read", "removed", PRODUCERS)
    naming = sorted({other_path.split("/")[1] for other_path, text in side.items() if _names_dataset(text, dataset)})
    words = f"table {dataset} gets no more rows, and keeps those that it has"
    words += f"; {', '.join(naming)}, which name it, are refused until they do not" if naming else ""
    return Change("contract", words, "removed", CONSUMERS)


def _names_dataset(text: str, dataset: str) -> bool:
    contract, _ = _load_suite(text)
    parts = (*contract.references, *contract.sources) if contract else ()
    return dataset in {part.dataset for part in parts}


def migrations_of(old: Contract, new: Contract) -> tuple[Refusal, ...]:
    """Return what a run of `new` refuses to do to a table that `old` published: by the code that will refuse it."""
    if new.stage is not Stage.OUTPUT:
        return ()
    before, after = (TableSchema.from_declared(contract.columns, contract.partition_by) for contract in (old, new))
    published_schema = replace(before, sources=frozenset(part.column for part in before.parts))
    return tuple(migration_refusals(f"lake.<database>.{new.dataset}", after, published_schema))


def _load_suite(text: str | None) -> tuple[Contract | None, list[Fault]]:
    if text is None:
        return None, []
    suite, faults = parse_suite(text)
    return (None if faults else contract_of(suite)), faults


def changes_of(
    old: Contract, new: Contract, twin: Contract | None = None, twin_before: Contract | None = None
) -> list[Change]:
    """Return what changed from one version of a contract to another, columns first, then rules, then its terms.

    `twin` is the dataset's other suite as it is now: an input's rule that is dropped concerns readers where that one does
    not demand the same. `twin_before` is that suite as it was: what it refused before, no producer gets refused anew.
    """
    names = find_renames(old, new)
    renamed_old = rename_columns(old, names)
    lost = {*unheld_rules(renamed_old, new, twin)} if twin and twin.stage is Stage.OUTPUT else set[str]()
    before = demanded_already(new, twin_before) if twin_before else {}
    rules = [_with_twin(change, lost, before) for change in rule_changes(renamed_old, new)]
    return [*column_changes(renamed_old, new, names), *rules, *meta_changes(renamed_old, new)]


def _with_twin(change: Change, lost: set[str], before: dict[str, str]) -> Change:
    """Return a change of a rule as it is to rows, which both suites judge."""
    if change.how == "removed" and change.subject in lost:
        return replace(change, label=CONSUMERS)
    if change.label == PRODUCERS and change.subject in before:
        words = f"{change.words}; {before[change.subject]} refused such rows before"
        return replace(change, words=words, label=DOCUMENTATION)
    return change
