"""`python -m sandbox.deployer`: the roles that GitHub takes to preview and to deploy one stack, as JSON for AWS IAM."""

import json
import sys

from components.names import Names
from etl.console import Parser, ending
from sandbox.deployer import environments
from sandbox.deployer.policies import deploy, preview
from sandbox.deployer.target import Target
from sandbox.deployer.trust import repository_of, trust


def main(argv: list[str]) -> int:
    """Print the two documents of one role, or the commands that make a stack's environments on GitHub."""
    if argv[:1] == ["environments"]:
        return environments.main(argv[1:])
    parser = Parser(prog="sandbox.deployer", description=__doc__)
    parser.add_argument("role", choices=("preview", "deploy"))
    parser.add_argument("--repository", required=True, help="owner/name on GitHub")
    parser.add_argument("--owner-id", required=True, help="the owner's number on GitHub")
    parser.add_argument("--repository-id", required=True, help="the repository's number on GitHub")
    parser.add_argument(
        "--classic-sub", action="store_true", help="for a repository whose tokens name no numbers in sub"
    )
    parser.add_argument("--stack", required=True)
    parser.add_argument("--account", required=True)
    parser.add_argument("--region", required=True)
    parser.add_argument("--prefix", default="sluice")
    parser.add_argument("--state-bucket", required=True, help="the bucket of Pulumi's backend")
    parser.add_argument("--state-key", required=True, help="the ARN of the key of Pulumi's secrets provider")
    parser.add_argument("--destroyable", action="store_true", help="may empty the buckets too, for `pulumi destroy`")
    parser.add_argument("--redshift", action="store_true", help="for a stack that has a warehouse")
    wanted = parser.parse_args(argv)
    names = Names(wanted.prefix, wanted.stack, wanted.region, wanted.account)
    target = Target(names, wanted.state_bucket, wanted.state_key, wanted.redshift)
    try:
        repository = repository_of(wanted.repository, wanted.owner_id, wanted.repository_id, wanted.classic_sub)
    except ValueError as fault:
        parser.error(str(fault))
    policy = preview(target) if wanted.role == "preview" else deploy(target, wanted.destroyable)
    print(json.dumps({"trust": trust(repository, names, wanted.role), "policy": policy}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(ending("sandbox.deployer", lambda: main(sys.argv[1:])))
