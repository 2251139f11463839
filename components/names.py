"""What everything is called, and the ARNs that follow from it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Names:
    """The names of one stack in one account and region; all of them plain text before anything exists."""

    prefix: str
    stack: str
    region: str
    account: str

    def of(self, *what: str) -> str:
        """`<prefix>-<stack>-<what>`, for everything but buckets and the database."""
        return "-".join((self.prefix, self.stack, *what))

    def bucket(self, zone: str) -> str:
        """`<prefix>-<stack>-<zone>-<account>`: bucket names are shared by all accounts of the world."""
        return self.of(zone, self.account)

    @property
    def database(self) -> str:
        """`<prefix>_<stack>`: Athena takes no hyphen without quotes."""
        return f"{self.prefix}_{self.stack}".replace("-", "_")

    @property
    def log_group_prefix(self) -> str:
        """The jobs' log groups are below it; `/aws-glue/jobs` itself is shared by all stacks of an account."""
        return f"/aws-glue/{self.of()}"

    def bucket_arn(self, zone: str, path: str = "") -> str:
        return f"arn:aws:s3:::{self.bucket(zone)}{path}"

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"
