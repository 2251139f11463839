"""The packages and their imports as a Mermaid diagram, read by grimp from the code."""

from collections.abc import Iterable, Mapping

import grimp

ROOMS = ("etl", "components", "sluice", "bench")
TRANSFORMS = "etl.datasets"
"""A package in every lake, also where nobody has written a module for it yet."""
TOP = {
    "etl": "the job, on Glue",
    "components": "what exists in the cloud",
    "sluice": "the tools",
    "bench": "what a check costs",
}


def build_import_graph() -> grimp.ImportGraph:
    """Return the imports between all modules of the four rooms, without external packages."""
    return grimp.build_graph(*ROOMS, cache_dir=None, exclude_type_checking_imports=True)


def packages_of(graph: grimp.ImportGraph) -> list[str]:
    """Return the packages one level below the rooms, such as `etl.gate`, by name; single modules are not among them."""
    children = (child for room in ROOMS for child in graph.find_children(room))
    return sorted(child for child in children if child == TRANSFORMS or graph.find_children(child))


def package_arrows(graph: grimp.ImportGraph, packages: Iterable[str]) -> dict[str, set[str]]:
    """Return, for each package, the other packages whose modules its own import."""
    names = set(packages)
    arrows: dict[str, set[str]] = {package: set() for package in names}
    for module in graph.modules:
        importer = _package(module, names)
        for imported in graph.find_modules_directly_imported_by(module) if importer else ():
            target = _package(imported, names)
            if target and target != importer:
                arrows[importer].add(target)
    return arrows


def shortest_arrows(arrows: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Return the arrows that no longer way implies, so that a picture of layers can be read.

    Raises:
        ValueError: packages import each other in a circle.
    """
    below = {package: _reachable(package, arrows, ()) for package in arrows}
    return {
        package: {target for target in targets if not any(target in below[other] for other in targets - {target})}
        for package, targets in arrows.items()
    }


def draw_packages(arrows: Mapping[str, set[str]]) -> list[str]:
    """Return the lines of the diagram, a box for each room around its packages."""
    lines = ["flowchart TD"]
    for room, purpose in TOP.items():
        members = [package for package in sorted(arrows) if package.startswith(f"{room}.")]
        if members:
            lines += [
                f'  subgraph {room}["{room}: {purpose}"]',
                *(f'    {_key(name)}["{_short(name)}"]' for name in members),
                "  end",
            ]
    lines += [
        f"  {_key(package)} --> {_key(target)}"
        for package, targets in sorted(shortest_arrows(arrows).items())
        for target in sorted(targets)
    ]
    return lines


def _package(module: str, packages: set[str]) -> str:
    package = ".".join(module.split(".")[:2])
    return package if package in packages else ""


def _reachable(package: str, arrows: Mapping[str, set[str]], way: tuple[str, ...]) -> set[str]:
    if package in way:
        raise ValueError(f"packages import each other in a circle: {' -> '.join((*way, package))}")
    below = set(arrows[package])
    for target in arrows[package]:
        below |= _reachable(target, arrows, (*way, package))
    return below


def _key(package: str) -> str:
    return package.replace(".", "_")


def _short(package: str) -> str:
    return package.partition(".")[2]
