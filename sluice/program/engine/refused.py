"""What must not be deployed: refused by the program or before it, and before a resource is registered."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from components.compute.wheels import BUNDLE
from components.settings.project_name import option_key
from sluice.program.engine.project import Project
from sluice.program.engine.steps import EMAIL, UnexpectedChange, raise_if_any, read_stack_file, write_config

ON = (True, "true")


def check_first_update_refused(project: Project, stack: str) -> None:
    """Refuse a bundle that is missing or wrong, and in a protected stack an address that is nobody's."""
    config = read_stack_file(project, stack)
    bundle = project.tree / ".wheels" / BUNDLE.name
    if config.get(option_key("wheels"), True) in ON:
        with temporary_content(bundle, None):
            expect_refusal(project, stack, "sluice.gluewheels.zip is not built")
        with temporary_content(bundle, b"no zip"):
            expect_refusal(project, stack, "no readable zip")
    if config.get(option_key("protect")) in ON:
        write_config(project, stack, {option_key("alarm_email"): "data-oncall@example.com"})
        expect_refusal(project, stack, "example.com")
        write_config(project, stack, {option_key("alarm_email"): EMAIL})


@contextmanager
def temporary_content(path: Path, content: bytes | None) -> Iterator[None]:
    """Give a file other content, or take it away where that is None, for a while."""
    before = path.read_bytes()
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    try:
        yield
    finally:
        path.write_bytes(before)


def expect_refusal(project: Project, stack: str, reason: str) -> None:
    """Raises Surprise where an update does not fail with this reason, or has made a resource before it did."""
    printed = project.pulumi("up", "--yes", "--skip-preview", "--stack", stack, fails=True)
    raise_if_any([] if reason in printed else [f"not refused with {reason!r}: {printed[-1000:]}"])
    registered = [node["urn"] for node in project.state(stack) if not node["type"].startswith("pulumi:")]
    raise_if_any([f"made although it was refused: {urn}" for urn in registered])


def check_move_refused(project: Project, stack: str) -> None:
    """Refuse to update under another prefix or region than the deployed one, as `make preview` and `make up` do."""
    expect_comparison(project, stack, 0, "")
    before = read_stack_file(project, stack)
    for key, value, reason in (
        (option_key("prefix"), "lake", "prefix is lake"),
        ("aws:region", "eu-central-1", "region is eu-central-1"),
    ):
        write_config(project, stack, {key: value})
        expect_comparison(project, stack, 1, reason)
        write_config(project, stack, {key: before.get(key, "sluice")})


def expect_comparison(project: Project, stack: str, expected: int, reason: str) -> None:
    """Raises Surprise where `sluice.program.deployed_stack` ends with another code, or does not say the reason."""
    code, _, err = project.run([sys.executable, "-m", "sluice.program.deployed_stack", stack])
    if code != expected or reason not in err:
        raise UnexpectedChange(
            f"sluice.program.deployed_stack ended with {code}, not {expected} and {reason!r}: {err[-1000:]}"
        )
