"""How the code is built, read from the code itself: the picture and the figures of docs/architecture.md.

Hides how imports and runs are traced; its command writes the page.
"""

__all__: list[str] = []
