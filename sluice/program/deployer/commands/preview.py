"""Print the role that GitHub takes to preview a stack, as JSON for AWS IAM: its trust and its managed policies."""

from sluice.program.deployer.arguments import (
    DEFAULT_PREFIX,
    AccountOption,
    ClassicSubOption,
    DestroyableOption,
    GithubRole,
    OwnerIdOption,
    PrefixOption,
    RedshiftOption,
    RegionOption,
    RepositoryIdOption,
    RepositoryOption,
    StackOption,
    StackPlace,
    StateBucketOption,
    StateKeyOption,
)
from sluice.program.deployer.policies import preview_policies
from sluice.program.deployer.role_documents import print_role


def run(
    stack: StackOption,
    account: AccountOption,
    region: RegionOption,
    repository: RepositoryOption,
    owner_id: OwnerIdOption,
    repository_id: RepositoryIdOption,
    state_bucket: StateBucketOption,
    state_key: StateKeyOption,
    prefix: PrefixOption = DEFAULT_PREFIX,
    classic_sub: ClassicSubOption = False,
    destroyable: DestroyableOption = False,
    redshift: RedshiftOption = False,
) -> None:
    """Print the role."""
    role = GithubRole(
        StackPlace(stack, account, region, prefix),
        repository,
        owner_id,
        repository_id,
        classic_sub,
        state_bucket,
        state_key,
        destroyable,
        redshift,
    )
    print_role("preview", role, preview_policies)
