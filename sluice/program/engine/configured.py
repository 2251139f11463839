"""What the provider's own configuration may be: the keys `aws:*` of a stack's file, as the real provider checks them."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pulumi_aws as aws
from pulumi._types import input_type_types

from sluice.program import property_types

ENGINE_KEYS = {"version", "pluginDownloadURL", "__internal", "__defaults"}
"""What the engine adds for itself."""


def config_faults(config: Mapping[str, Any], account: str) -> Iterator[str]:
    """Yield what is wrong with the configuration, and with the account that the credentials are of.

    The engine hands over each value as a text, in JSON where it is none (Pulumi, default providers). The real provider
    compares accounts when it is configured, which is before any resource, too.
    """
    types = input_type_types(aws.ProviderArgs)
    values = {key: parse_value(value, types.get(key)) for key, value in config.items() if key not in ENGINE_KEYS}
    yield from (f"aws:{fault}" for fault in property_types.mapping_faults(values, aws.ProviderArgs, ""))
    allowed, forbidden = values.get("allowedAccountIds"), values.get("forbiddenAccountIds")
    if isinstance(allowed, list) and account not in allowed:
        yield f"aws:allowedAccountIds has {', '.join(map(str, allowed))}, and the credentials are of {account}"
    if isinstance(forbidden, list) and account in forbidden:
        yield f"aws:forbiddenAccountIds has {account}, of which the credentials are"


def parse_value(value: Any, kind: Any) -> Any:
    """A value that the engine wrote as text where the provider takes something else; left as it is where it is no JSON."""
    if kind is None or not isinstance(value, str) or str in property_types.type_alternatives(kind):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
