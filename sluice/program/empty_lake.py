"""A lake without datasets: sound, and with nothing to deploy."""

from components.settings.lake_folder import expectations_folder
from components.settings.project_name import option_key
from sluice.program.stack_files import load_stack_file

NO_DATASET = "no dataset yet: sluice new"
"""What every command says of such a lake; it names the command that begins one."""


def is_empty_lake() -> bool:
    """Whether nobody has written a contract yet."""
    return not any(expectations_folder().glob("*/*.json"))


def is_empty_stack(stack: str) -> bool:
    """Whether a stack of a lake without datasets names none either; one that names some is at fault, and no empty one.

    Raises what `load_stack_file` does.
    """
    return is_empty_lake() and not load_stack_file(stack).get(option_key("datasets"))
