"""The program through Pulumi's real engine: a strict stand-in for the AWS provider, and the steps of `make engine`.

Hides the provider's protocol and the steps of a stack's life.
"""

__all__: list[str] = []
