"""Policies on names and providers."""

from collections.abc import Iterator

from components.settings.project_name import option_key
from components.tags import TAG, tag_faults
from sluice.program.graph import Graph
from sluice.program.policies.policy import BUCKET, register_policy
from sluice.program.property_types import NAME_PATTERNS


@register_policy(
    "name.explicit", "every thing that has a name is given one of this stack", "Sluice: names say whose a thing is"
)
def check_explicit_names(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `name.explicit`."""
    prefix, stack = graph.config[option_key("prefix")], graph.stack
    for node in graph.nodes.values():
        if node.type in NAME_PATTERNS:
            name = str(node.inputs.get(NAME_PATTERNS[node.type][0]))
            if f"{prefix}-{stack}" not in name.replace("_", "-"):
                yield f"{node.name} is called {name}"


@register_policy(
    "name.replaceable",
    "a named resource is deleted before its successor takes the name; a bucket never is",
    "Pulumi, resource option deleteBeforeReplace",
)
def check_replaceable(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `name.replaceable`."""
    for node in graph.nodes.values():
        if node.type in NAME_PATTERNS and node.delete_before_replace is not (node.type != BUCKET):
            yield f"{node.name} has delete_before_replace {node.delete_before_replace}"


@register_policy(
    "provider.default",
    "every resource is the default provider's, which alone has the stack's tags and allowed accounts",
    "Pulumi, AWS provider configuration: aws:defaultTags, aws:allowedAccountIds",
)
def check_default_provider(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `provider.default`."""
    yield from (f"{node.name} has the provider {node.provider}" for node in graph.nodes.values() if node.provider)


@register_policy(
    "provider.tags",
    "every stack tags what it makes with project and with its own name as stack, by which roles know its key and warehouse",
    "AWS Security Hub, Glue.1, SNS.3; AWS KMS developer guide, Using tags to control access to KMS keys",
)
def check_default_tags(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `provider.tags`."""
    if '"project"' not in graph.config.get("aws:defaultTags", ""):
        yield f"{graph.stack} has no default tag project"
    yield from tag_faults(graph.config.get("aws:defaultTags", ""), graph.stack)
    yield from (
        f"{node.name} has a tag {TAG} of its own, which stands above the default"
        for node in graph.nodes.values()
        if TAG in (node.inputs.get("tags") or {})
    )
