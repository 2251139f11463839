"""Whether the engine deployed what the plan shows: resource by resource, input by input."""

from collections.abc import Iterator
from typing import Any

from sandbox.engine.wire import bare

ASSET = ("path", "text")


def differences(planned: list[dict[str, Any]], deployed: list[dict[str, Any]]) -> list[str]:
    """Return a line for each resource, input or option in which the state differs from the plan."""
    plan = {resource["urn"]: resource for resource in planned}
    state = {
        resource["urn"]: resource
        for resource in deployed
        if resource.get("custom") and "providers:" not in resource["type"]
    }
    missing = [f"the plan has {urn}, which the engine did not make" for urn in plan.keys() - state.keys()]
    surplus = [f"the engine made {urn}, which the plan does not show" for urn in state.keys() - plan.keys()]
    both = sorted(plan.keys() & state.keys())
    return sorted(missing + surplus) + [line for urn in both for line in _resource(urn, plan[urn], state[urn])]


def _resource(urn: str, plan: dict[str, Any], state: dict[str, Any]) -> Iterator[str]:
    name = urn.rpartition("::")[2]
    yield from _values(f"{name}", plan["inputs"], bare(state.get("inputs", {})))
    for option, key in (("protect", "protect"), ("retain", "retainOnDelete")):
        if bool(plan[option]) != bool(state.get(key)):
            yield f"{name}: {option} is {plan[option]} in the plan, {state.get(key)} in the state"


def _values(path: str, plan: Any, state: Any) -> Iterator[str]:
    if isinstance(plan, dict) and isinstance(state, dict):
        if set(plan) <= set(ASSET) and "hash" in state:
            state = {key: state[key] for key in plan if key in state}
        for key in sorted(plan.keys() | state.keys()):
            if key not in plan or key not in state:
                yield f"{path}.{key}: only {'the plan' if key in plan else 'the engine'} has it"
            else:
                yield from _values(f"{path}.{key}", plan[key], state[key])
    elif isinstance(plan, list) and isinstance(state, list) and len(plan) == len(state):
        for index, (here, there) in enumerate(zip(plan, state, strict=True)):
            yield from _values(f"{path}[{index}]", here, there)
    elif plan != state:
        yield f"{path}: {plan!r:.80} in the plan, {state!r:.80} in the state"
