"""The roles that GitHub takes to preview and to deploy one stack.

Hides which actions deploying takes; `python -m sluice.program.deployer` prints the documents.
"""

__all__: list[str] = []
