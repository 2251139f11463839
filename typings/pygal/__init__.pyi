# pygal declares no types; charts of it are of any type.
from typing import Any

def __getattr__(name: str) -> Any: ...
