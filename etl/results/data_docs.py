"""Great Expectations' Data Docs of a run, one page a stage, rebuilt from the verdict.

Nothing is judged a second time, and what the verdict masks stays masked. The library's renderer makes the content; its
own page is left, since that loads styles and scripts from seven hosts, and its links lead to pages that no run makes.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import great_expectations as gx
from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
from great_expectations.render.view.view import DefaultJinjaPageView

from etl.contract.json_values import is_list, is_object
from etl.contract.model import Contract, Rule
from etl.contract.stage import Stage
from etl.contract.vocabulary import VOCABULARY
from etl.results.data_docs_page import PAGE, outcome_cell
from etl.results.rule_result import RuleResult
from etl.results.verdict import Verdict

Parameters = dict[str, Any]
# The library escapes some of what it is given and passes on the rest. So nothing that HTML could read goes in: characters
# of the private use area do (Unicode, 23.5), and become references in the finished page.
PRIVATE_USE = {character: chr(0xE000 + index) for index, character in enumerate("<>&\"'")}
TO_PRIVATE_USE = str.maketrans(PRIVATE_USE)
TO_HTML_REFERENCES = str.maketrans({private: f"&#{ord(character)};" for character, private in PRIVATE_USE.items()})

QUANTILES = "expect_column_quantile_values_to_be_between"  # wants its observation as a structure, of which we keep text


class PageSection(Protocol):
    """A part of the library's page, as far as we use it."""

    def to_json_dict(self) -> Mapping[str, Any]:
        """Return what the library's template takes."""
        ...


class PageDocument(Protocol):
    """The library's page before its template, as far as we use it."""

    @property
    def sections(self) -> Sequence[PageSection]:
        """Its parts, an overview first."""
        ...


class PageRenderer(Protocol):
    """The library's renderer, as far as we use it: it declares no types itself."""

    def render(self, validation_results: ExpectationSuiteValidationResult) -> PageDocument:
        """Return a stage's page."""
        ...


def render_page(contract: Contract, verdict: Verdict, parameters: Parameters) -> str:
    """Return a stage's page as HTML that loads nothing.

    Args:
        contract: the stage's; a rule of it that the verdict does not have, or that neither held nor broke, is left out.
        verdict: of the run.
        parameters: values for `$PARAMETER`, such as `run_date`.
    """
    judged = {
        result.rule: result for result in verdict.rules if result.stage == contract.stage and result.state.is_conclusive
    }
    rules = [rule for rule in contract.rules if rule.rule in judged]
    results = [_expectation_result(rule, judged[rule.rule], verdict.rows_read, parameters) for rule in rules]
    document = _page_renderer().render(_suite_result(contract, results))
    # A template given as text escapes what goes into it; the library's own, which it includes, do not.
    html = DefaultJinjaPageView().env.from_string(PAGE)
    rendered = html.render(
        # the first is the library's overview: ours stands in the page
        sections=[section.to_json_dict() for section in document.sections[1:]],
        verdict=verdict,
        contract=contract,
        held=sum(bool(result.success) for result in results),
        judged=len(results),
        waiting=sum(result.stage == contract.stage for result in verdict.not_evaluated),
        in_error=sum(result.stage == contract.stage for result in verdict.in_error),
        outcome_of=outcome_cell,
        listed=sorted(
            (result for result in verdict.rules if _is_listed(result, contract)), key=lambda result: -result.state.rank
        ),
        library=gx.__version__,
    )
    return rendered.translate(TO_HTML_REFERENCES)


def _page_renderer() -> PageRenderer:
    return ValidationResultsPageRenderer()


def _is_listed(result: RuleResult, contract: Contract) -> bool:
    return result.stage in (contract.stage, Stage.STRUCTURE) and not result.held


def _suite_result(contract: Contract, results: list[ExpectationValidationResult]) -> ExpectationSuiteValidationResult:
    success = all(result.success for result in results)
    name = contract.suite["name"]
    return ExpectationSuiteValidationResult(
        success=success, results=results, suite_name=name, suite_parameters={}, statistics={}, meta={}
    )


def _expectation_result(
    rule: Rule, rule_result: RuleResult, rows: int, parameters: Parameters
) -> ExpectationValidationResult:
    observed = [rule_result.observed] if rule_result.observed is not None else [*rule_result.samples[:1]]
    aggregate = {"observed_value": _shown_texts(observed)[0]} if observed and rule.type != QUANTILES else {}
    return ExpectationValidationResult(
        success=rule_result.held,
        expectation_config=ExpectationConfiguration(type=rule.type, kwargs=_resolve_arguments(rule.kwargs, parameters)),
        result=_row_counts(rule_result, rows) if VOCABULARY[rule.type].judges.is_row else aggregate,
        exception_info={"raised_exception": False, "exception_message": None, "exception_traceback": None},
    )


def _row_counts(rule_result: RuleResult, rows: int) -> dict[str, Any]:
    total = max(rows, rule_result.unexpected)  # a key's rule also meets rows of earlier runs
    return {
        "element_count": total,
        "unexpected_count": rule_result.unexpected,
        "unexpected_percent": 100 * rule_result.unexpected / total if total else 0.0,
        "partial_unexpected_list": _shown_texts(rule_result.samples),
    }


def _shown_texts(values: Sequence[str | None]) -> list[str]:
    return ["null" if value is None else value.translate(TO_PRIVATE_USE) for value in values]


def _resolve_arguments(value: Any, parameters: Parameters) -> Any:
    """Return arguments with the run's parameters filled in and no character that HTML could read."""
    if is_object(value):
        if "$PARAMETER" in value:
            return parameters[value["$PARAMETER"]]
        return {
            key: nested if key == "operator" else _resolve_arguments(nested, parameters)
            for key, nested in value.items()
        }
    if is_list(value):
        return [_resolve_arguments(nested, parameters) for nested in value]
    return value.translate(TO_PRIVATE_USE) if isinstance(value, str) else value
