"""What the roles of a stack can become, and what they end at: a walk over their documents, without an account.

`described` gathers a stack's roles and the account around them, `walk` follows each role to all that it can become.
`knows` says whether the walk can tell whose a resource is.
"""

from sluice.program.deployer.reach.faults import knows
from sluice.program.deployer.reach.stack import Described, described
from sluice.program.deployer.reach.walk import Fault, Walk, walk

__all__ = ["Described", "Fault", "Walk", "described", "knows", "walk"]
