"""Which inputs of a resource are secrets or hold one, and what stands for these where they are shown."""

from typing import Any

from pulumi.runtime import rpc

SECRET = "[secret]"  # noqa: S105  what is shown in place of one
"""What a plan, a difference and a picture have in place of a secret."""


def holds_secret(value: Any) -> bool:
    """Whether a value of the engine's wire is a secret, or has one at any depth."""
    if rpc.is_rpc_secret(value):
        return True
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(map(holds_secret, items))
