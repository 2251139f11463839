"""The permissions boundary of a stack's roles: what its ARN has to be, and where there has to be one.

An administrator makes it, never the program: whoever deploys could else widen what the roles end at.
"""

import os
import re

from components.mock_run import under_mocks
from components.names import Names
from components.settings.config_reader import BadConfiguration, StackConfig
from components.settings.project_name import option_key

MADE_BY = "an administrator makes it from what `sluice deployer boundary` prints (docs/deploying.md, The boundary)"


def check_boundary(config: StackConfig, prefix: str, stack: str, region: str) -> None:
    """Refuse an ARN that is not of the stack's own boundary; its account is not known yet."""
    arn = config.values.get("boundary")
    parts = re.fullmatch(r"arn:[\w-]+:iam::(\d{12}):policy/\S+", str(arn), re.ASCII)
    if arn == "" or (parts and arn == Names(prefix, stack, region, parts[1]).boundary_arn):
        return
    expected = Names(prefix, stack, region, "<account>").boundary_arn
    config.add_fault("boundary", f"{expected}, or nothing where nothing deploys from GitHub; {MADE_BY}")


def check_account(names: Names) -> None:
    """Raise BadConfiguration where the boundary is another account's: IAM would refuse it role by role, half-way through."""
    if names.boundary not in ("", names.boundary_arn):
        raise BadConfiguration(
            f'{option_key("boundary")} is "{names.boundary}": takes {names.boundary_arn}, since the account that is deployed '
            f"to is {names.account}; {MADE_BY}"
        )


def check_github(arn: str) -> None:
    """Raise BadConfiguration where GitHub deploys roles without a boundary, which could become more than they are."""
    if not arn and os.environ.get("GITHUB_ACTIONS") == "true" and not under_mocks():
        raise BadConfiguration(
            f'{option_key("boundary")} is "": takes the ARN of a permissions boundary, since this run is GitHub\'s, and '
            f"whoever may push could write roles without bound; {MADE_BY}"
        )


def missing_boundary_warning(arn: str) -> str:
    """Return what a plan says where the roles have no boundary; nothing where they have one."""
    if arn:
        return ""
    return (
        f"{option_key('boundary')} is empty: roles have no permissions boundary, and GitHub may not deploy the stack; "
        f"{MADE_BY}"
    )
