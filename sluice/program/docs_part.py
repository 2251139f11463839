"""The parts of a page in `docs/` that a command writes: what stands between two marks."""


def replace_part(text: str, begin: str, end: str, lines: list[str]) -> str:
    """Return a page with `lines` between its marks; raises LookupError where it has not both."""
    before, begin_mark, after_begin = text.partition(begin)
    _, end_mark, after = after_begin.partition(end)
    if not begin_mark or not end_mark:
        raise LookupError(f"the page has no {begin} ... {end}")
    return "\n".join([f"{before}{begin}", *lines, f"{end}{after}"])
