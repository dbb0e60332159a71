"""Figures with matplotlib: no global state is kept, and the same data give the same bytes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font

from reports.curves import GRID, Curve

__all__ = [
    "COLOURS",
    "DASHES",
    "INK",
    "SETTINGS",
    "NamedCurve",
    "Panel",
    "Theme",
    "drawable",
    "name_axes",
    "roc_figure",
    "saved",
]

# Okabe & Ito (2008): told apart by colour-blind readers; each is drawn with its own dashes, too.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00")
DASHES: tuple[Any, ...] = ("-", (0, (5, 1.2)), (0, (2.5, 1)), (0, (6, 1.5, 1.2, 1.5)), (0, (1.2, 1)))
BASELINE_DASHES: tuple[Any, ...] = ((0, (3, 2.5)), (0, (1, 2)), (0, (6, 3)))
INK = {"light": ("#1d2733", "#8a94a0", "#ffffff"), "dark": ("#e4e8ee", "#77828f", "#1a2029")}
SETTINGS: dict[Any, Any] = {
    "svg.hashsalt": "radsuite",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
    "font.family": "DejaVu Sans",
    "text.parse_math": False,
    "path.simplify": True,
}
COLUMNS = 3
SIDE, LEFT, RIGHT, TOP = 3.3, 0.62, 0.55, 0.42  # inches: a panel's axes and what is around them
LABELS, LINE = 0.65, 0.185  # inches: the labels of the abscissa, one line of the legend

Theme = Literal["light", "dark"]


@dataclass(frozen=True, eq=False)
class NamedCurve:
    """A curve and what it is of."""

    label: str
    curve: Curve
    baseline: bool = False


@dataclass(frozen=True, eq=False)
class Panel:
    """One set of axes.

    Attributes
    ----------
    title : str
        What the curves tell apart.
    curves : tuple of NamedCurve
        Highlighted: the best cells, then the baselines.
    others : tuple of Curve
        All the other cells, drawn as one band from their lowest to their highest.
    """

    title: str
    curves: tuple[NamedCurve, ...]
    others: tuple[Curve, ...]


@cache
def _known_characters() -> frozenset[int]:
    return frozenset(get_font(findfont("DejaVu Sans")).get_charmap())


def drawable(text: str, longest: int = 44) -> str:
    """Shorten a text, and put a box for each character that the font cannot draw.

    Examples
    --------
    >>> drawable("covid 你"), drawable("a" * 50, 8)
    ('covid □', 'aaaaaaa…')
    """
    known = _known_characters()
    safe = "".join(letter if ord(letter) in known else "□" for letter in " ".join(text.split()))
    return safe if len(safe) <= longest else safe[: longest - 1] + "…"


def roc_figure(panels: Sequence[Panel], theme: Theme, formats: Sequence[str]) -> dict[str, bytes]:
    """Draw receiver operating characteristics side by side.

    Parameters
    ----------
    panels : sequence of Panel
        At least one.
    theme : str
        ``light`` or ``dark``.
    formats : sequence of str
        Of ``svg``, ``pdf``, ``png``.

    Returns
    -------
    dict
        The file's content for each format.
    """
    columns = 2 if len(panels) == 4 else min(COLUMNS, len(panels))
    lines = -(-len(panels) // columns)
    with mpl.rc_context(SETTINGS):
        below = LABELS + LINE * max(len(panel.curves) + 2 for panel in panels)
        width, height = columns * (LEFT + SIDE + RIGHT), lines * (TOP + SIDE + below)
        figure = Figure(figsize=(width, height), facecolor=INK[theme][2])
        for position, panel in enumerate(panels):
            x = LEFT + position % columns * (LEFT + SIDE + RIGHT)
            y = height - (1 + position // columns) * (TOP + SIDE + below) + below
            axes = figure.add_axes((x / width, y / height, SIDE / width, SIDE / height))
            _draw(axes, panel, theme)
        return {name: saved(figure, name) for name in formats}


def saved(figure: Figure, name: str) -> bytes:
    """Return a figure as the content of a file, without the date: ``svg``, ``pdf`` or ``png``."""
    dates: dict[str, dict[str, None]] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}
    buffer = io.BytesIO()
    figure.savefig(buffer, format=name, metadata=dates[name], dpi=150)
    return buffer.getvalue()


def _draw(axes: Axes, panel: Panel, theme: Theme) -> None:
    ink, pale, _ = INK[theme]
    axes.plot([0, 1], [0, 1], color=pale, linewidth=0.8)
    handles: list[Any] = []
    if panel.others:
        rates = np.array([other.at(GRID) for other in panel.others])
        handles.append(
            axes.fill_between(GRID, rates.min(axis=0), rates.max(axis=0), color=pale, alpha=0.25, linewidth=0)
        )
    for style, named in zip(_styles(panel, ink), panel.curves, strict=True):
        handles += axes.plot(named.curve.false_positive, named.curve.true_positive, **style)
    several = f"range of {len(panel.others)} other cells" if len(panel.others) > 1 else "one other cell"
    labels = [several] if panel.others else []
    labels += [f"{named.curve.area:.3f}  {drawable(named.label)}" for named in panel.curves]
    _frame(axes, panel, theme)
    legend = axes.legend(
        handles, labels, fontsize=8, frameon=False, labelcolor=ink, title="pooled AUC", title_fontsize=8,
        loc="upper left", bbox_to_anchor=(-0.02, -0.15), alignment="left", borderaxespad=0,
    )  # fmt: skip
    legend.get_title().set_color(ink)


def _styles(panel: Panel, ink: str) -> list[dict[str, Any]]:
    styles: list[dict[str, Any]] = []
    ordinary = baselines = 0
    for named in panel.curves:
        if named.baseline:
            dashes = BASELINE_DASHES[baselines % len(BASELINE_DASHES)]
            styles.append({"color": ink, "linestyle": dashes, "linewidth": 1.2})
            baselines += 1
        else:
            place = ordinary % len(COLOURS)
            styles.append({"color": COLOURS[place], "linestyle": DASHES[place], "linewidth": 1.7})
            ordinary += 1
    return styles


def _frame(axes: Axes, panel: Panel, theme: Theme) -> None:
    axes.set_title(drawable(panel.title), fontsize=10.5, color=INK[theme][0], loc="left")
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), aspect="equal")
    name_axes(axes, "1 − specificity", "sensitivity", theme)


def name_axes(axes: Axes, abscissa: str, ordinate: str, theme: Theme) -> None:
    """Label the axes and give them the colours of a theme; only the left and the lower line are drawn."""
    ink, pale, paper = INK[theme]
    axes.set_facecolor(paper)
    axes.set_xlabel(abscissa, fontsize=9, color=ink)
    axes.set_ylabel(ordinate, fontsize=9, color=ink)
    axes.tick_params(colors=ink, labelsize=8, color=pale)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(pale)
