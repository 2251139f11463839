"""Where the gate stops a run: a critical rule broke, or one could not be judged; and the message that says so."""

from collections.abc import Sequence

from etl.errors import ContractBroken, RuleInError
from etl.results.row_origin import skip_hint
from etl.results.rule_result import RuleResult, describe_results
from etl.results.verdict import Verdict
from etl.wording import count_noun, join_names

MAX_NOT_EVALUATED_NAMED = 5  # rules in a message
MAX_FILES_NAMED = 3


def record_and_raise(verdict: Verdict, results: Sequence[RuleResult], verdict_uri: str) -> None:
    """Add results, a later one of a rule in place of the earlier, and stop where a critical rule broke or one is in error.

    Raises:
        ContractBroken: a critical rule broke; it names the rules, with samples, and `verdict_uri`.
        RuleInError: none broke, and one could not be judged; it names the rules, and what the engine said.
    """
    verdict.rules = list({result.rule: result for result in (*verdict.rules, *results)}.values())
    if not any(result.stops_run for result in verdict.rules):
        return
    in_error = f". In error: {describe_results(verdict.in_error)}" if verdict.in_error else ""
    ending = f"{in_error}{not_evaluated_note(verdict)}"
    if verdict.broken:
        # The verdict's place comes first: whoever shows the message may cut it off.
        raise ContractBroken(
            f"{verdict.dataset} broke its contract, nothing was published. Verdict: {verdict_uri}. "
            f"Broken: {describe_results(verdict.broken)}{ending}{skip_advice(verdict)}"
        )
    raise RuleInError(
        f"{verdict.dataset}: rules could not be judged, which says nothing about the data; nothing was published. "
        f"Verdict: {verdict_uri}{ending}"
    )


def not_evaluated_note(verdict: Verdict) -> str:
    """Return how many rules were not evaluated, which and why, as the end of a message; empty where all were.

    Results of earlier runs that were passed over are named before.
    """
    results = verdict.not_evaluated
    names = [f"{result.rule} ({result.samples[0]})" if result.samples else result.rule for result in results]
    if not names:
        return unreadable_note(verdict)
    named = join_names(names, MAX_NOT_EVALUATED_NAMED)
    return f"{unreadable_note(verdict)}. {count_noun(len(names), 'rule')} not evaluated: {named}"


def unreadable_note(verdict: Verdict) -> str:
    """Return which results of earlier runs were passed over, as the end of a message; empty where none were."""
    files = verdict.unreadable_results
    return (
        f". Earlier results that cannot be read were passed over: {join_names(files, MAX_FILES_NAMED)}" if files else ""
    )


def skip_advice(verdict: Verdict) -> str:
    """Return how to leave the objects alone that broken rules have samples of; empty where the run reads no objects."""
    if verdict.sources:
        return ""
    versions = {(raw_object.key, raw_object.version) for raw_object in (*verdict.objects, *verdict.manifests)}
    places = [origin for result in verdict.broken for origin in result.places if origin]
    return skip_hint(verdict.dataset, [origin for origin in places if (origin.object, origin.version) in versions])
