"""The Pulumi program without its engine: its graph, the plan, the bill, policies, and the roles that deploy it.

Hides the mocks of Pulumi's runtime: what leaves here is a graph of plain data.
"""

__all__ = ["bill", "docs_part", "empty_lake", "graph", "message_samples", "request_permissions", "stack_files"]
