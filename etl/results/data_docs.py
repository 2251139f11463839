"""Great Expectations' Data Docs of a run, one page a stage, rebuilt from the verdict.

Nothing is judged a second time, and what the verdict masks stays masked. The library's renderer makes the content; its
own page is left, since that loads styles and scripts from seven hosts, and its links lead to pages that no run makes.
"""

from typing import Any

import great_expectations as gx
from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
from great_expectations.render.view.view import DefaultJinjaPageView

from etl.contract.model import Contract, Rule
from etl.contract.vocabulary import VOCABULARY
from etl.results.data_docs_page import PAGE
from etl.results.verdict import RuleResult, Verdict

Parameters = dict[str, Any]
# The library escapes some of what it is given and passes on the rest. So nothing that HTML could read goes in: characters
# of the private use area do (Unicode, 23.5), and become references in the finished page.
PRIVATE = {character: chr(0xE000 + index) for index, character in enumerate("<>&\"'")}
QUOTED = str.maketrans(PRIVATE)
REFERENCES = str.maketrans({private: f"&#{ord(character)};" for character, private in PRIVATE.items()})

QUANTILES = "expect_column_quantile_values_to_be_between"  # wants its observation as a structure, of which we keep text


def page(contract: Contract, verdict: Verdict, parameters: Parameters) -> str:
    """Return a stage's page as HTML that loads nothing.

    Args:
        contract: the stage's; a rule of it that the verdict does not have, or that neither held nor broke, is left out.
        verdict: of the run.
        parameters: values for `$PARAMETER`, such as `run_date`.
    """
    judged = {one.rule: one for one in verdict.rules if one.stage == contract.stage and (one.held or one.broken)}
    rules = [rule for rule in contract.rules if rule.rule in judged]
    results = [_result(rule, judged[rule.rule], verdict.rows_read, parameters) for rule in rules]
    document = ValidationResultsPageRenderer().render(_validation(contract, results))
    # A template given as text escapes what goes into it; the library's own, which it includes, do not.
    html = DefaultJinjaPageView().env.from_string(PAGE)
    rendered = html.render(
        # the first is the library's overview: ours stands in the page
        sections=[section.to_json_dict() for section in document.sections[1:]],
        verdict=verdict,
        contract=contract,
        held=sum(bool(one.success) for one in results),
        judged=len(results),
        waiting=sum(one.stage == contract.stage for one in verdict.not_evaluated),
        in_error=sum(one.stage == contract.stage for one in verdict.in_error),
        told=sorted((one for one in verdict.rules if _is_told(one, contract)), key=lambda one: -one.state.rank),
        library=gx.__version__,
    )
    return rendered.translate(REFERENCES)


def _is_told(one: RuleResult, contract: Contract) -> bool:
    return one.stage in (contract.stage, "structure") and not one.held


def _validation(contract: Contract, results: list[ExpectationValidationResult]) -> ExpectationSuiteValidationResult:
    success = all(one.success for one in results)
    name = contract.suite["name"]
    return ExpectationSuiteValidationResult(
        success=success, results=results, suite_name=name, suite_parameters={}, statistics={}, meta={}
    )


def _result(rule: Rule, found: RuleResult, rows: int, parameters: Parameters) -> ExpectationValidationResult:
    whole = {"observed_value": _samples(found)[0]} if found.samples and rule.type != QUANTILES else {}
    return ExpectationValidationResult(
        success=found.held,
        expectation_config=ExpectationConfiguration(type=rule.type, kwargs=_plain(rule.kwargs, parameters)),
        result=_counts(found, rows) if VOCABULARY[rule.type].judges == "row" else whole,
        exception_info={"raised_exception": False, "exception_message": None, "exception_traceback": None},
    )


def _counts(found: RuleResult, rows: int) -> dict[str, Any]:
    total = max(rows, found.unexpected)  # a key's rule also meets rows of earlier runs
    return {
        "element_count": total,
        "unexpected_count": found.unexpected,
        "unexpected_percent": 100 * found.unexpected / total if total else 0.0,
        "partial_unexpected_list": _samples(found),
    }


def _samples(found: RuleResult) -> list[str]:
    return ["null" if sample is None else sample.translate(QUOTED) for sample in found.samples]


def _plain(value: Any, parameters: Parameters) -> Any:
    """Return arguments with the run's parameters filled in and no character that HTML could read."""
    if isinstance(value, dict):
        if "$PARAMETER" in value:
            return parameters[value["$PARAMETER"]]
        return {key: one if key == "operator" else _plain(one, parameters) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one, parameters) for one in value]
    return value.translate(QUOTED) if isinstance(value, str) else value
