"""What a role is for: a stack by its names, and where its state lives."""

from dataclasses import dataclass

from components.names import Names


@dataclass(frozen=True)
class Target:
    """A stack and where its state lives: the bucket of Pulumi's backend, and the key of its secrets provider.

    `redshift` says whether the stack has a warehouse.
    """

    names: Names
    state_bucket: str
    state_key: str
    redshift: bool = False

    @property
    def declared_objects(self) -> list[str]:
        """The objects that the program puts: code, contracts and folder markers; no data."""
        code = [self.names.bucket_arn("assets", f"/{top}/*") for top in ("code", "contracts")]
        return [*code, self.names.bucket_arn("raw", "/*/")]

    def named(self, service: str, *resources: str) -> list[str]:
        return [self.names.arn(service, resource) for resource in resources]
