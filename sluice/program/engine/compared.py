"""Whether the engine deployed what the plan shows: resource by resource, input by input, option by option."""

from collections.abc import Iterator
from typing import Any

from sluice.program.engine.wire import is_secret, without_secrets

ASSET = ("path", "text")
STACK = "pulumi:pulumi:Stack"
ENGINE_TYPES = (STACK, "pulumi:providers:")
"""Resources that the engine makes for itself."""
State = dict[str, Any]


def plan_differences(plan: dict[str, Any], deployed: list[State]) -> list[str]:
    """Return a line for each resource, input, option or output in which the state differs from the plan.

    The engine's state does not keep `deleteBeforeReplace`, and an alias only where it took over a resource by it.
    """
    engine = {resource["urn"]: resource for resource in deployed if not resource["type"].startswith(ENGINE_TYPES)}
    planned = {resource["urn"]: resource for resource in plan["resources"] if f"::{STACK}::" not in resource["urn"]}
    missing = [f"the plan has {urn}, which the engine did not make" for urn in planned.keys() - engine.keys()]
    surplus = [f"the engine made {urn}, which the plan does not show" for urn in engine.keys() - planned.keys()]
    both = sorted(planned.keys() & engine.keys())
    stack = next((resource for resource in deployed if resource["type"] == STACK), {})
    return [
        *sorted(missing + surplus),
        *(line for urn in both for line in _resource_differences(urn.rpartition("::")[2], planned[urn], engine[urn])),
        *_value_differences("outputs", plan["outputs"], without_secrets(stack.get("outputs", {}))),
    ]


def _resource_differences(name: str, plan: dict[str, Any], state: State) -> Iterator[str]:
    """Components have no inputs: the engine keeps none of theirs."""
    if plan["custom"]:
        yield from _value_differences(name, plan["inputs"], without_secrets(state.get("inputs", {})))
    state_options = {
        "custom": bool(state.get("custom")),
        "parent": state.get("parent", ""),
        "protect": bool(state.get("protect")),
        "retain": bool(state.get("retainOnDelete")),
        "ignored": sorted(state.get("ignoreChanges", [])),
        "secrets": sorted(key for key, value in state.get("inputs", {}).items() if is_secret(value)),
    }
    for option, value in state_options.items():
        if plan[option] != value:
            yield f"{name}: {option} is {plan[option]!r:.120} in the plan, {value!r:.120} in the state"
    yield from (
        f"{name}: took over {urn}, no alias in the plan"
        for urn in state.get("aliases", [])
        if urn not in plan["aliases"]
    )


def _value_differences(path: str, plan: Any, state: Any) -> Iterator[str]:
    if isinstance(plan, dict) and isinstance(state, dict):
        if set(plan) <= set(ASSET) and "hash" in state:
            state = {key: state[key] for key in plan if key in state}
        for key in sorted(plan.keys() | state.keys()):
            if key not in plan or key not in state:
                yield f"{path}.{key}: only {'the plan' if key in plan else 'the engine'} has it"
            else:
                yield from _value_differences(f"{path}.{key}", plan[key], state[key])
    elif isinstance(plan, list) and isinstance(state, list) and len(plan) == len(state):
        for index, (plan_item, state_item) in enumerate(zip(plan, state, strict=True)):
            yield from _value_differences(f"{path}[{index}]", plan_item, state_item)
    elif plan != state:
        yield f"{path}: {plan!r:.80} in the plan, {state!r:.80} in the state"
