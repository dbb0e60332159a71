"""Figures of learning curves: every fold as a thin line, their mean as a thick one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, NullFormatter, StrMethodFormatter

from reports.figures import COLOURS, DASHES, INK, SETTINGS, Theme, name_axes, saved
from reports.learning import FoldCurve, LearningPanel

__all__ = ["learning_figure"]

STYLES = {"training": (COLOURS[0], DASHES[0]), "validation": (COLOURS[1], DASHES[1])}
AXIS_LABELS = {"loss": "loss", "accuracy": "accuracy (share of samples)"}
THIN: dict[Theme, dict[str, Any]] = {
    "light": {"linewidth": 0.8, "alpha": 0.5},
    "dark": {"linewidth": 0.8, "alpha": 0.75},
}
WIDTH, HEIGHT, LEFT, RIGHT, TOP = 3.45, 2.5, 0.72, 0.22, 0.15  # inches: a panel's axes and around them
LABELS, LINE = 0.6, 0.22  # inches: the labels of the abscissa, one line of the legend
MOST_POINTS = 20_000  # thin lines of more points are drawn as pixels: as paths they would take megabytes


def learning_figure(
    panels: Sequence[LearningPanel], theme: Theme, formats: Sequence[str]
) -> dict[str, bytes]:
    """Draw the learning curves of one cell.

    Parameters
    ----------
    panels : sequence of LearningPanel
        At least one; side by side.
    theme, formats
        And what is returned: see :func:`reports.figures.roc_figure`.
    """
    parts = {series.part: len(series.folds) for panel in panels for series in panel.series}
    below = LABELS + LINE * len(parts)
    width, height = len(panels) * (LEFT + WIDTH + RIGHT), TOP + HEIGHT + below
    with mpl.rc_context(SETTINGS):
        figure = Figure(figsize=(width, height), facecolor=INK[theme][2])
        for position, panel in enumerate(panels):
            x = LEFT + position * (LEFT + WIDTH + RIGHT)
            axes = figure.add_axes((x / width, below / height, WIDTH / width, HEIGHT / height))
            _draw(axes, panel, theme)
        _legend(figure, parts, LEFT / width, (below - LABELS) / height, theme)
        return {name: saved(figure, name) for name in formats}


def _draw(axes: Axes, panel: LearningPanel, theme: Theme) -> None:
    as_pixels = sum(len(fold.epochs) for series in panel.series for fold in series.folds) > MOST_POINTS
    for series in panel.series:
        for fold in series.folds if len(series.folds) > 1 else ():
            axes.plot(fold.epochs, fold.values, **_thin(series.part, fold, theme), rasterized=as_pixels)
    for series in panel.series:
        axes.plot(series.mean.epochs, series.mean.values, **_thick(series.part, series.mean))
    name_axes(axes, "epoch (pass over the training rows)", AXIS_LABELS[panel.quantity], theme)
    axes.set_xlim(left=0)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    axes.grid(visible=True, axis="y", color=INK[theme][1], alpha=0.25, linewidth=0.6)
    if panel.logarithmic:
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axes.yaxis.set_minor_formatter(NullFormatter())


def _thin(part: str, curve: FoldCurve, theme: Theme) -> dict[str, Any]:
    return {"color": STYLES[part][0], **THIN[theme], "marker": _marker(curve)}


def _thick(part: str, curve: FoldCurve) -> dict[str, Any]:
    colour, dashes = STYLES[part]
    return {"color": colour, "linestyle": dashes, "linewidth": 2.0, "marker": _marker(curve)}


def _marker(curve: FoldCurve) -> str:
    """Mark a curve of one epoch, which has no line."""
    return "o" if len(curve.epochs) == 1 else ""


def _legend(figure: Figure, folds: Mapping[str, int], left: float, top: float, theme: Theme) -> None:
    handles, labels = [], []
    for part, n_folds in folds.items():
        colour, dashes = STYLES[part]
        handles.append(Line2D([], [], color=colour, linestyle=dashes, linewidth=2.0))
        labels.append(f"{part}, mean of {n_folds} folds" if n_folds > 1 else f"{part}, one fold")
    for part, n_folds in folds.items():
        if n_folds > 1:
            handles.append(Line2D([], [], color=STYLES[part][0], **THIN[theme]))
            labels.append(f"{part}, each fold")
    figure.legend(
        handles, labels, fontsize=8, frameon=False, labelcolor=INK[theme][0], loc="upper left",
        bbox_to_anchor=(left, top), ncols=2 if len(handles) > len(folds) else 1, borderaxespad=0, borderpad=0,
        handlelength=2.8,
    )  # fmt: skip
