"""What policy documents allow, as AWS decides it: as much of that as our documents use, and nothing by guess.

`allowing_sids` and `unused_grants` judge one document; `decide_request` judges a request against all documents that bear on
it; `covers_pattern` and `patterns_meet` compare patterns, for what no single request shows.

Hides how a condition or an ARN is matched.
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
    speaks_of,
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
    "speaks_of",
    "unused_grants",
]
