"""The keys that this emulator has issued itself: temporary ones by STS, and those of IAM users.

Knows MiniStack's inside as `glue_adapter` does: it takes the place `ministack.services.sts.register_session`, and reads
`ministack.core.iam_evaluator.find_iam_access_key_account`. What STS forgets when it expires is still admitted here: a run
has its keys from its start, and may take longer than they would last. On AWS, Glue renews them.
"""

from typing import Any

from ministack.core import iam_evaluator
from ministack.services import sts

_register = sts.register_session
_temporary: set[str] = set()


def install() -> None:
    """Take the place in MiniStack; called once, before it serves."""
    sts.register_session = _register_and_keep


def issued(access: str) -> bool:
    """Say whether an access key is one that this emulator has issued."""
    return access in _temporary or iam_evaluator.find_iam_access_key_account(access) is not None


def _register_and_keep(access_key: str, session: dict[str, Any]) -> None:
    _temporary.add(access_key)
    _register(access_key, session)
