"""A bar chart as SVG, readable on light and dark pages."""

from collections.abc import Sequence
from html import escape

from bench.figures import Line

WIDTH, ROW, LEFT, RIGHT = 760, 34, 230, 130
BAR, OURS, DARK = "#9aa5b1", "#2563eb", "#374151"


def draw_bars(lines: Sequence[Line], titles: dict[str, str], ours: str, caption: str) -> str:
    """Draw each line's ratio to the ungated job as a bar, its spread as a whisker; `ours` stands out."""
    longest = max(line.ratio.high for line in lines)
    scale = (WIDTH - LEFT - RIGHT) / longest
    height = ROW * (len(lines) + 2)
    drawn = [_draw_bar(line, titles[line.name], number, scale, line.name == ours) for number, line in enumerate(lines)]
    baseline_x = LEFT + scale
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="14">',
            f"<title>{escape(caption)}</title>",
            f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
            f'<text x="8" y="22" fill="#111827">{escape(caption)}</text>',
            f'<line x1="{baseline_x:.1f}" y1="{ROW}" x2="{baseline_x:.1f}" y2="{height - ROW // 2}" '
            f'stroke="{DARK}" stroke-dasharray="3"/>',
            *drawn,
            "</svg>",
            "",
        ]
    )


def _draw_bar(line: Line, title: str, number: int, scale: float, ours: bool) -> str:
    top = ROW * (number + 1) + 8
    middle = top + 9
    low, high = (LEFT + end * scale for end in (line.ratio.low, line.ratio.high))
    return (
        f'<text x="{LEFT - 8}" y="{top + 14}" text-anchor="end" fill="#111827">{escape(title)}</text>'
        f'<rect x="{LEFT}" y="{top}" width="{line.ratio.middle * scale:.1f}" height="18" fill="{OURS if ours else BAR}"/>'
        f'<line x1="{low:.1f}" y1="{middle}" x2="{high:.1f}" y2="{middle}" stroke="{DARK}" stroke-width="2"/>'
        f'<text x="{high + 8:.1f}" y="{top + 14}" fill="#111827">{line.ratio.middle:.2f}</text>'
    )
