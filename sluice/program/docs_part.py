"""The parts of a page in `docs/` that a command writes: what stands between two marks."""


def with_part(text: str, begin: str, end: str, lines: list[str]) -> str:
    """Return a page with `lines` between its marks; raises LookupError where it has not both."""
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise LookupError(f"the page has no {begin} ... {end}")
    return "\n".join([f"{before}{begin}", *lines, f"{end}{after}"])
