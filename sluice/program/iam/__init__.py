"""What policy documents allow, as AWS decides it: as much of that as our documents use, and nothing by guess.

`allowing` and `unused` judge one document; `decide` judges a request against all documents that bear on it;
`covers` and `meet` compare patterns, for what no single request shows. How a condition or an ARN is matched is hidden.
"""

from sluice.program.iam.decision import Caller, Decision, decide
from sluice.program.iam.patterns import covers, matches, meet
from sluice.program.iam.statements import Ask, Kind, Unjudged, allowing, applies, listed, unused

__all__ = [
    "Ask",
    "Caller",
    "Decision",
    "Kind",
    "Unjudged",
    "allowing",
    "applies",
    "covers",
    "decide",
    "listed",
    "matches",
    "meet",
    "unused",
]
