"""Which inputs replace a resource instead of changing it (terraform-provider-aws, `ForceNew` of each resource)."""

from sandbox.declared import NAMES


def replaced_by(kind: str) -> set[str]:
    return {NAMES[kind][0]} if kind in NAMES else set()
