"""Who reads what is published: Athena always, Redshift where the stack's configuration says so."""

import pulumi

from components.lake import Lake
from components.readers.athena import Athena
from components.readers.redshift import Redshift
from components.settings.stack_settings import Settings


class Readers(pulumi.ComponentResource):
    """The ways to ask the published tables in SQL."""

    def __init__(self, name: str, lake: Lake, stack: Settings, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sluice:lake:Readers", name, None, opts)
        child_options = pulumi.ResourceOptions(parent=self)
        Athena(f"{name}-athena", lake, stack, child_options)
        if stack.options.redshift:
            Redshift(f"{name}-redshift", lake, stack, child_options)
        self.register_outputs({})
