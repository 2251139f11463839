"""What policy documents allow, as AWS decides it: as much of that as our documents use, and nothing by guess.

`allowing` and `unused` judge one document; `decide` judges a request against all documents that bear on it;
`covers` and `meet` compare patterns, for what no single request shows. How a condition or an ARN is matched is hidden.
"""

from sluice.program.iam.decision import Caller, Decision, decide_request
from sluice.program.iam.patterns import covers_pattern, matches_pattern, patterns_meet
from sluice.program.iam.statements import (
    PermissionRequest,
    PolicyKind,
    UnsupportedPolicy,
    allowing_sids,
    applying_statements,
    as_list,
    unused_grants,
)

__all__ = [
    "Caller",
    "Decision",
    "PermissionRequest",
    "PolicyKind",
    "UnsupportedPolicy",
    "allowing_sids",
    "applying_statements",
    "as_list",
    "covers_pattern",
    "decide_request",
    "matches_pattern",
    "patterns_meet",
    "unused_grants",
]
