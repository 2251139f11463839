"""The Pulumi program without its engine: its graph, the plan, the bill, policies, and the roles that deploy it."""
