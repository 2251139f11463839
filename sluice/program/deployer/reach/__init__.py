"""What the roles of a stack can become, and what they end at: a walk over their documents, without an account.

`describe_stack` gathers a stack's roles and the account around them, `walk_roles` follows each role to all that it can become.
`is_known_resource` says whether the walk can tell whose a resource is.

Hides the account around the stack, and what an action can become.
"""

from sluice.program.deployer.reach.faults import is_known_resource
from sluice.program.deployer.reach.stack import StackRoles, describe_stack
from sluice.program.deployer.reach.walk import RoleFault, RoleWalk, walk_roles

__all__ = ["RoleFault", "RoleWalk", "StackRoles", "command", "describe_stack", "is_known_resource", "walk_roles"]
