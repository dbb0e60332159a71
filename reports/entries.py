"""How a cell is named and how its values are shown, the same in every table."""

from __future__ import annotations

import math
from typing import Any

from reports.presentation import ABSENT, Entry, number

__all__ = [
    "absent_entry",
    "baseline_label",
    "cell_label",
    "failed_entry",
    "interval",
    "is_fusion",
    "measured_entry",
    "pair_label",
]

SCORE_FUSION = "score fusion"  # in place of an extractor: a weighted sum of other cells' probabilities


def cell_label(cell: Any, several_preprocessings: bool) -> str:
    """Name a cell in a table of its section.

    Parameters
    ----------
    cell : named tuple
        With the columns of a cell.
    several_preprocessings : bool
        Whether the preprocessing must be named.
    """
    if cell.role == "baseline":
        name = baseline_label(cell.extractor, cell.classifier)
    else:
        name = f"{pair_label(cell)} ({cell.variant})" if cell.variant else pair_label(cell)
    return f"{cell.preprocessing}: {name}" if several_preprocessings else name


def pair_label(cell: Any) -> str:
    """Name the extractor and the classifier of a cell, or the fusion that it is.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> pair_label(SimpleNamespace(extractor="glcm", classifier="svm"))
    'glcm + svm'
    >>> pair_label(SimpleNamespace(extractor="score fusion", classifier="both"))
    'score fusion: both'
    """
    return f"{cell.extractor}{': ' if is_fusion(cell) else ' + '}{cell.classifier}"


def is_fusion(cells: Any) -> Any:
    """Tell of a cell (of each, for a frame) whether it is a weighted sum of others' probabilities."""
    return cells.extractor == SCORE_FUSION


def baseline_label(extractor: str, classifier: str) -> str:
    """Name a baseline by what it looks at.

    Examples
    --------
    >>> baseline_label("image_size", "random_forest")
    'baseline: image size alone (random_forest)'
    >>> baseline_label("none", "dummy")
    'baseline: dummy (ignores the image)'
    """
    if extractor == "none":
        return f"baseline: {classifier} (ignores the image)"
    if extractor == "image_size":
        return f"baseline: image size alone ({classifier})"
    return f"baseline: {extractor} ({classifier})"


def failed_entry(span: int = 1) -> Entry:
    """Show that a cell failed."""
    return Entry(text="failed", kind="failed", span=span)


def interval(low: float, high: float) -> str:
    """Write an interval; nothing if it is undefined.

    Examples
    --------
    >>> interval(0.74, 0.7912), interval(float("nan"), 0.5)
    ('[0.740, 0.791]', '')
    """
    return "" if math.isnan(low) or math.isnan(high) else f"[{number(low)}, {number(high)}]"


def measured_entry(row: Any, pooled: bool = False, span: int = 1) -> Entry:
    """Show a value: mean ± sd over folds, or the pooled value, and the pooled interval below.

    Parameters
    ----------
    row : named tuple
        With status, mean, sd, folds, defined, pooled, low, high; if present, best and heat.
    pooled : bool
        Show the pooled value.
    span : int
        Columns that it takes.
    """
    if row.status == "failed":
        return failed_entry(span)
    note = interval(row.low, row.high)
    value = row.pooled if pooled else row.mean
    if math.isnan(value):
        rest = f"pooled {number(row.pooled)} {note}".rstrip() if not math.isnan(row.pooled) else ""
        return Entry(text="undefined", note=rest, kind="undefined", span=span)
    spread = "" if pooled or math.isnan(row.sd) else f"± {number(row.sd)}"
    if not pooled and row.defined < row.folds:
        note = f"{row.defined} of {row.folds} folds {note}".rstrip()
    warmth = getattr(row, "heat", math.nan)
    return Entry(
        text=number(value),
        spread=spread,
        note=note,
        best=bool(getattr(row, "best", False)),
        heat=None if math.isnan(warmth) else float(warmth),
        span=span,
    )


def absent_entry() -> Entry:
    """Show that there is no such cell, or no such value."""
    return Entry(text=ABSENT, kind="absent")
