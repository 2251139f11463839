"""How each type of resource that the program may declare comes to exist in the emulator: one recipe a type.

Hides the spelling of the API's members.
"""

from sluice.sandbox.recipes import access, channels, flow, glue, readers, s3, watch
from sluice.sandbox.recipes.base import CreatedResource, EmulatorApi, Inputs, Recipe, Unbuildable

RECIPES: dict[str, Recipe] = (
    s3.RECIPES | glue.RECIPES | access.RECIPES | watch.RECIPES | channels.RECIPES | flow.RECIPES | readers.RECIPES
)

__all__ = ["RECIPES", "CreatedResource", "EmulatorApi", "Inputs", "Recipe", "Unbuildable"]
