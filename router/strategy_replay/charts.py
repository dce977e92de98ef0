"""Charts as inline SVG, drawn here: no script, nothing fetched. Colours differ in brightness too: print keeps them.

Every chart has a name for those who do not see it; the page puts the same figures in a table below.
"""

from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import NamedTuple

WIDTH = 720
BAR, GAP, ROW = 11, 3, 38
LABEL, VALUES = 250, 96
BEFORE, AFTER, INK, LINE = "#7b8794", "#0b4f8a", "#1c2733", "#c3ccd5"
LONGEST_LABEL = 34
SHARE_BAR, SHARE_ROW = 16, 62
DAY_HEIGHT, AXIS = 190, 44


Draw = Callable[[str, str], str]
"""From an id and a name to a chart."""


class Pair(NamedTuple):
    """A row of a chart of bars: before and after, each with its words."""

    label: str
    before: float
    after: float
    before_text: str
    after_text: str


class Interval(NamedTuple):
    """A share with its interval, 0 to 1."""

    value: float
    low: float
    high: float
    text: str


class ShareRow(NamedTuple):
    """One share before and after."""

    label: str
    before: Interval
    after: Interval


def _svg(number: str, name: str, height: float, body: Iterable[str]) -> str:
    return (
        f'<svg role="img" aria-labelledby="{number}" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" '
        f'height="{height:.0f}"><title id="{number}">{escape(name)}</title>{"".join(body)}</svg>'
    )


def _text(x: float, y: float, words: str, *, anchor: str = "start", weight: str = "400") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}" fill="{INK}">'
        f"{escape(words)}</text>"
    )


def _bar(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0.5):.1f}" height="{height}" fill="{colour}"/>'


def _line(x1: float, y1: float, x2: float, y2: float, colour: str = LINE, dash: str = "") -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{colour}" stroke-width="1.2"{dashed} fill="none"/>'


def _short(label: str) -> str:
    return label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 1].rstrip()}…"


def legend(before: str, after: str) -> str:
    """What the two colours mean."""
    parts = (f'<span class="key"><i style="background:{colour}"></i>{escape(word)}</span>' for colour, word in (
        (BEFORE, before), (AFTER, after)
    ))  # fmt: skip
    return f'<p class="legend">{"".join(parts)}</p>'


def bars(number: str, name: str, rows: Sequence[Pair]) -> str:
    """Two bars a row, from nothing to the largest."""
    most = max((max(row.before, row.after) for row in rows), default=0) or 1
    room = WIDTH - LABEL - VALUES
    body: list[str] = [_line(LABEL, 2, LABEL, ROW * len(rows))]
    for place, row in enumerate(rows):
        top = place * ROW + 6
        body.append(_text(LABEL - 10, top + BAR + 5, _short(row.label), anchor="end"))
        for offset, value, text, colour in (
            (0, row.before, row.before_text, BEFORE),
            (BAR + GAP, row.after, row.after_text, AFTER),
        ):
            width = room * value / most
            body += [_bar(LABEL, top + offset, width, BAR, colour), _text(LABEL + width + 7, top + offset + 10, text)]
    return _svg(number, name, ROW * len(rows) + 6, body)


def shares(number: str, name: str, rows: Sequence[ShareRow], goal: str) -> str:
    """Shares from 0 to 100 % with their intervals and the goal of 80 %."""
    left, right = 10, WIDTH - 90
    scale = right - left
    height = SHARE_ROW * len(rows) + 24
    body = [_line(left + scale * tenth / 10, 18, left + scale * tenth / 10, height - 6) for tenth in range(0, 11, 2)]
    body += [_text(left + scale * tenth / 10, 12, f"{tenth * 10} %", anchor="middle") for tenth in (2, 4, 6, 10)]
    for place, row in enumerate(rows):
        top = place * SHARE_ROW + 40
        body.append(_text(left + 4, top - 6, row.label, weight="600"))
        for offset, each, colour in ((0, row.before, BEFORE), (SHARE_BAR + 2, row.after, AFTER)):
            y = top + offset
            middle = y + SHARE_BAR / 2
            body += [
                _bar(left, y, scale * each.value, SHARE_BAR, colour),
                _line(left + scale * each.low, middle, left + scale * each.high, middle, INK),
                _line(left + scale * each.low, y + 3, left + scale * each.low, y + SHARE_BAR - 3, INK),
                _line(left + scale * each.high, y + 3, left + scale * each.high, y + SHARE_BAR - 3, INK),
                _text(right + 8, y + 13, each.text, weight="600"),
            ]
    at = left + scale * 0.8
    body += [_line(at, 16, at, height - 4, "#a02c00", "5 3"), _text(at, 12, goal, anchor="middle", weight="600")]
    return _svg(number, name, height, body)


def changes(number: str, name: str, rows: Sequence[tuple[str, float, str]]) -> str:
    """Changes in points, to the left or the right of none."""
    most = max((abs(value) for _, value, _ in rows), default=0) or 1
    half = (WIDTH - LABEL - 2 * 76) / 2
    middle = LABEL + 76 + half
    step = BAR + 11
    body = [_line(middle, 2, middle, step * len(rows) + 4)]
    for place, (label, value, text) in enumerate(rows):
        top = place * step + 4
        width = half * abs(value) / most
        begin = middle - width if value < 0 else middle
        end = begin - 6 if value < 0 else middle + width + 6
        body += [
            _text(LABEL - 10, top + 10, _short(label), anchor="end"),
            _bar(begin, top, width, BAR, "#a02c00" if value < 0 else AFTER),
            _text(end, top + 10, text, anchor="end" if value < 0 else "start"),
        ]
    return _svg(number, name, step * len(rows) + 8, body)


def days(number: str, name: str, points: Sequence[tuple[str, float, float]]) -> str:
    """Two lines over the days, 0 to 100 %."""
    left, right, top, low = AXIS, WIDTH - 12, 12, DAY_HEIGHT - 26
    step = (right - left) / max(1, len(points) - 1)

    def y(share: float) -> float:
        return low - (low - top) * share

    body: list[str] = []
    for tenth in range(0, 11, 2):
        body += [_line(left, y(tenth / 10), right, y(tenth / 10))]
        body += [_text(left - 7, y(tenth / 10) + 4, f"{tenth * 10} %", anchor="end")]
    for place, colour, width in ((1, BEFORE, 2.6), (2, AFTER, 1.4)):
        path = " ".join(f"{left + step * n:.1f},{y(float(point[place])):.1f}" for n, point in enumerate(points))
        body.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>')
    if points:
        body += [_text(left, DAY_HEIGHT - 8, points[0][0]), _text(right, DAY_HEIGHT - 8, points[-1][0], anchor="end")]
    return _svg(number, name, DAY_HEIGHT, body)
