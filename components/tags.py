"""The tag by which GitHub's roles know what has no name of its own, the key and the warehouse: it has to be right."""

import json

TAG = "stack"


def tag_faults(default_tags: str, stack: str) -> list[str]:
    """Return a sentence where `aws:defaultTags`, as JSON, gives another stack's tag or none."""
    try:
        tags = json.loads(default_tags)["tags"]
        tagged = tags.get(TAG)
    except (ValueError, TypeError, KeyError, AttributeError):
        tagged = None
    if tagged == stack:
        return []
    actual = f"has the tag {TAG}: {tagged}" if tagged is not None else f"has no tag {TAG}"
    return [
        f"aws:defaultTags {actual}: takes {TAG}: {stack}, since the roles that GitHub takes and the permissions boundary "
        "know the stack's key and its warehouse by that tag"
    ]
