"""The keys that this emulator has issued itself: temporary ones by STS, and those of IAM users.

Knows MiniStack's inside as `glue_adapter` does: it takes the place `ministack.services.sts.register_session`, and reads
`ministack.core.iam_evaluator.find_iam_access_key_account`. What STS forgets when it expires is still admitted here: a run
has its keys from its start, and may take longer than they would last. On AWS, Glue renews them.
"""

from typing import Any

from ministack.core import iam_evaluator
from ministack.services import sts

_original_register_session = sts.register_session
_temporary_keys: set[str] = set()


def install_sts() -> None:
    """Take the place in MiniStack; called once, before it serves."""
    sts.register_session = _register_and_keep


def is_issued_key(access_key: str) -> bool:
    """Say whether an access key is one that this emulator has issued."""
    return access_key in _temporary_keys or iam_evaluator.find_iam_access_key_account(access_key) is not None


def _register_and_keep(access_key: str, session: dict[str, Any]) -> None:
    _temporary_keys.add(access_key)
    _original_register_session(access_key, session)
