"""Hold a resource's inputs against the property types that `pulumi_aws` declares: mocks accept anything.

The real engine and its provider refuse an unknown key at any depth, a missing or wrongly typed value and a malformed
name; here the same is found without them.
"""

import enum
import importlib
import inspect
import re
import types
from collections import abc
from collections.abc import Iterator
from typing import Any, Union, get_args, get_origin

import pulumi
from pulumi._types import input_type_py_to_pulumi_names, input_type_types, is_input_type

from sluice.program.graph import Graph

NAME_PATTERNS = {
    "aws:s3/bucket:Bucket": ("bucket", r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]"),
    "aws:iam/role:Role": ("name", r"[\w+=,.@-]{1,64}"),
    "aws:iam/rolePolicy:RolePolicy": ("name", r"[\w+=,.@-]{1,128}"),
    "aws:kms/alias:Alias": ("name", r"alias/(?!aws/)[\w/-]{1,250}"),
    "aws:sns/topic:Topic": ("name", r"[\w-]{1,256}"),
    "aws:glue/catalogDatabase:CatalogDatabase": ("name", r"[a-z0-9_]{1,255}"),
    "aws:glue/job:Job": ("name", r"[\w-]{1,255}"),
    "aws:glue/crawler:Crawler": ("name", r"[\w-]{1,255}"),
    "aws:glue/trigger:Trigger": ("name", r"[\w-]{1,255}"),
    "aws:cloudwatch/eventRule:EventRule": ("name", r"[\w.-]{1,64}"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": ("name", r"[\w-]{1,255}"),
    "aws:cloudwatch/logGroup:LogGroup": ("name", r"[\w./#-]{1,512}"),
    "aws:cloudwatch/dashboard:Dashboard": ("dashboardName", r"[\w-]{1,255}"),
    "aws:sfn/stateMachine:StateMachine": ("name", r"[\w-]{1,80}"),
    "aws:scheduler/schedule:Schedule": ("name", r"[\w.-]{1,64}"),
    "aws:sqs/queue:Queue": ("name", r"[\w-]{1,80}"),
    "aws:cloudwatch/eventConnection:EventConnection": ("name", r"[\w.-]{1,64}"),
    "aws:cloudwatch/eventApiDestination:EventApiDestination": ("name", r"[\w.-]{1,64}"),
    "aws:cloudwatch/alarmMuteRule:AlarmMuteRule": ("name", r"[\w.-]{1,255}"),
    "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": ("configurationName", r"[A-Za-z0-9_-]{1,128}"),
    "aws:chatbot/teamsChannelConfiguration:TeamsChannelConfiguration": ("configurationName", r"[A-Za-z0-9_-]{1,128}"),
    "aws:athena/workgroup:Workgroup": ("name", r"[\w.-]{1,128}"),
    "aws:redshiftserverless/namespace:Namespace": ("namespaceName", r"[a-z0-9-]{3,64}"),
    "aws:redshiftserverless/workgroup:Workgroup": ("workgroupName", r"[a-z0-9-]{3,64}"),
}
"""The property that names a resource and what AWS takes, from each service's API reference; ours have no dots."""
WRAPPERS = (pulumi.Output, abc.Awaitable)


def graph_faults(graph: Graph) -> list[str]:
    """Return a line for each input that the engine or the provider would refuse; none is a good program."""
    custom_nodes = [node for node in graph.nodes.values() if node.custom]
    if not custom_nodes:
        raise LookupError(f"{graph.stack} declares nothing to check")
    return [
        f"{node.type} {node.name}: {fault}"
        for node in custom_nodes
        for fault in resource_faults(node.type, node.inputs)
    ]


def resource_faults(kind: str, inputs: dict[str, Any]) -> Iterator[str]:
    """Faults of the inputs of one resource of a type, one that `pulumi_aws` does not have among them."""
    try:
        properties = arguments_class(kind)
    except (LookupError, AttributeError, ImportError):
        yield f"{kind} is no resource of pulumi_aws"
        return
    yield from mapping_faults(inputs, properties, "")
    yield from name_faults(kind, inputs)


def arguments_class(token: str) -> type:
    """Return the class of a resource's own arguments; a few nested types took the plain name, then it has `Init`."""
    package, path, name = token.split(":")
    if package != "aws":
        raise LookupError(f"{token} is no resource of pulumi_aws")
    service_module = importlib.import_module(f"pulumi_aws.{path.partition('/')[0]}")
    return getattr(service_module, f"{name}InitArgs", None) or getattr(service_module, f"{name}Args")


def mapping_faults(value: dict[str, Any], kind: type, path: str) -> Iterator[str]:
    """Faults of a mapping against an input class: unknown keys, missing ones, and those of each value."""
    property_types = input_type_types(kind)
    wire_names = input_type_py_to_pulumi_names(kind)
    for name, parameter in inspect.signature(kind.__init__).parameters.items():
        if name in wire_names and parameter.default is inspect.Parameter.empty and value.get(wire_names[name]) is None:
            yield f"{path}{wire_names[name]} is missing"
    for key, item in value.items():
        if key not in property_types:
            yield f"{path}{key} is no property of {kind.__name__}, which has {', '.join(sorted(property_types))}"
        else:
            yield from value_faults(item, property_types[key], f"{path}{key}")


def value_faults(value: Any, kind: Any, path: str) -> Iterator[str]:
    """Faults of a value against a declared type; an unknown one, as in a preview, is not judged."""
    options = [option for option in type_alternatives(kind) if option is not type(None)]
    if value is None or Any in options or isinstance(value, pulumi.output.Unknown):
        return
    faults_by_option = [list(option_faults(value, option, path)) for option in options]
    if all(faults_by_option):
        yield from min(faults_by_option, key=len)


def type_alternatives(kind: Any) -> list[Any]:
    """Return the alternatives of a type, without what only says that a value may come later."""
    if get_origin(kind) in (Union, types.UnionType):
        return [inner for option in get_args(kind) for inner in type_alternatives(option)]
    return [] if (get_origin(kind) or kind) in WRAPPERS else [kind]


def option_faults(value: Any, kind: Any, path: str) -> Iterator[str]:
    """Yield what a value has that one of a union's types does not take."""
    origin = get_origin(kind) or kind
    if is_input_type(kind) and isinstance(value, dict):
        yield from mapping_faults(value, kind, f"{path}.")
    elif origin in (abc.Sequence, list) and isinstance(value, list):
        for index, item in enumerate(value):
            yield from value_faults(item, get_args(kind)[0], f"{path}[{index}]")
    elif origin in (abc.Mapping, dict) and isinstance(value, dict):
        for key, item in value.items():
            yield from value_faults(item, get_args(kind)[1], f"{path}.{key}")
    elif not is_plain_value(value, origin):
        yield f"{path} is {value!r:.60}, not {getattr(kind, '__name__', kind)}"


def is_plain_value(value: Any, kind: Any) -> bool:
    """Whether the wire's value is of a plain type; the wire has one kind of number."""
    if kind in (int, float):
        return isinstance(value, int | float) and not isinstance(value, bool) and (kind is float or value == int(value))
    if inspect.isclass(kind) and issubclass(kind, enum.Enum):
        return value in [member.value for member in kind]
    return inspect.isclass(kind) and not is_input_type(kind) and isinstance(value, kind)


def name_faults(kind: str, inputs: dict[str, Any]) -> Iterator[str]:
    """A fault where the name is none that AWS takes; one that is not known yet, as in a preview, is not judged."""
    if kind in NAME_PATTERNS:
        key, pattern = NAME_PATTERNS[kind]
        name = inputs.get(key)
        if not isinstance(name, pulumi.output.Unknown) and not re.fullmatch(pattern, str(name), re.ASCII):
            yield f"{key} is {name!r}: AWS takes {pattern}"
