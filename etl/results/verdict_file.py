"""The verdict's file as a reader has it: read back into the model, and its JSON Schema (docs/verdict.schema.json)."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic.json_schema import GenerateJsonSchema

from etl.errors import VerdictUnreadable
from etl.results.rule_state import RuleState
from etl.results.verdict import Verdict, verdict_adapter

SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"
# The first verdicts had these fields. A file that lacks one is no verdict, such as the report of a maintenance beside them.
ALWAYS_STORED = (
    *("dataset", "run_id", "job", "started", "state", "message", "contracts"),
    *("rows_read", "rows_published", "rows_quarantined", "objects", "rules", "nothing_unread", "seconds"),
)


def parse_verdict(content: Any) -> Verdict:
    """Read a verdict file's content, also that of an earlier version of Sluice.

    Raises:
        VerdictUnreadable: it is no verdict, or one of a later version; no value of it is quoted.
    """
    try:
        missing = [name for name in ALWAYS_STORED if name not in content]
        if missing:
            raise VerdictUnreadable(f"no verdict: it has no {', '.join(missing)}")
        rules = [_with_state(rule) for rule in content["rules"]]
        return verdict_adapter().validate_python({**content, "rules": rules})
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors(include_input=False))
        raise VerdictUnreadable(f"no verdict of version 1: {'; '.join(faults)}") from None
    except (KeyError, TypeError, ValueError) as error:
        raise VerdictUnreadable(f"no verdict: {type(error).__name__}") from None


def _with_state(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return a rule's result as it is stored today: those before states have none."""
    return {**rule, "state": RuleState.from_verdict_rule(rule)}


def render_verdict_schema() -> str:
    """Return the JSON Schema of the verdict file as text."""
    schema = verdict_adapter().json_schema(mode="serialization", schema_generator=VerdictSchema)
    for definition in schema["$defs"].values():  # of a docstring its head: the rest is about the code
        definition["description"] = definition["description"].partition("\n\n")[0]
    made_from = "Made from etl/results/verdict.py by sluice schema --write; a test holds it equal. Do not edit."
    return json.dumps({"$schema": SCHEMA_DIALECT, "$comment": made_from, **schema}, indent=2) + "\n"


class VerdictSchema(GenerateJsonSchema):
    """Leaves a field without a title, which would repeat its name."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Return False for every field."""
        return False
