"""The table of how much of the networks' heat lies inside boxes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from reports.entries import interval
from reports.presentation import ABSENT, Entry, Row, Table, count, number

__all__ = ["reading", "share_table"]

COLUMNS = ("images with boxes", "heat inside the boxes", "area of the boxes", "ratio", "the network looks")
MEASURES = ["n_images", "n_groups", "n_without_heat", "share", "share_low", "share_high", "area", "ratio",
            "ratio_low", "ratio_high", "n_fits", "n_explained", "seconds_explain"]  # fmt: skip
RATIO = (
    "Heat: Grad-CAM of the predicted class, of test images alone. Ratio: the share of heat inside the boxes"
    " by the boxes' share of the area of the same images; 1 is no more than chance: heat spread evenly."
    " Intervals are of 95%, bootstrapped over patients where patients are known."
)


def reading(low: float, high: float) -> str:
    """Say what an interval of the ratio means.

    Examples
    --------
    >>> reading(1.1, 1.4), reading(0.9, 1.1), reading(0.4, 0.8), reading(float("nan"), float("nan"))
    ('inside more than chance', 'inside no more than chance', 'outside more than chance', '–')
    """
    if math.isnan(low) or math.isnan(high):
        return ABSENT
    if low > 1:
        return "inside more than chance"
    return "outside more than chance" if high < 1 else "inside no more than chance"


def share_table(labelled: Sequence[tuple[str, Any]], *, name: str, where: str) -> Table:
    """Make the table of cells, each given as its label and its row of ``results/heat_shares.parquet``."""
    notes = dict.fromkeys(str(cell.boxes_note) for _, cell in labelled if cell.boxes_note)
    frame = pd.DataFrame(
        [[label, *(getattr(cell, measure) for measure in MEASURES)] for label, cell in labelled],
        columns=["cell", *MEASURES],
    )
    return Table(
        name=name,
        caption=f"Share of the networks' heat inside the boxes, {where}.",
        corner="cell",
        columns=COLUMNS,
        rows=tuple(Row(label=label, entries=tuple(_entries(cell))) for label, cell in labelled),
        frame=frame,
        notes=(RATIO, *(note for note in map(_missing, labelled) if note), *notes),
    )


def _entries(cell: Any) -> Iterable[Entry]:
    if not cell.n_images:
        yield Entry(text=_why_none(cell), kind="undefined", span=len(COLUMNS))
        return
    patients = f"of {count(cell.n_groups)} patients" if cell.n_groups < cell.n_images else ""
    yield Entry(text=count(cell.n_images), note=patients)
    yield Entry(text=number(cell.share), note=interval(cell.share_low, cell.share_high))
    yield Entry(text=number(cell.area))
    yield Entry(text=number(cell.ratio), note=interval(cell.ratio_low, cell.ratio_high))
    yield Entry(text=reading(cell.ratio_low, cell.ratio_high), kind="plain")


def _why_none(cell: Any) -> str:
    if not cell.n_explained:
        return "not explained"
    reason = cell.boxes_problem or ("no map has heat" if cell.n_without_heat else "no test image has boxes")
    return f"not computed: {reason}"


def _missing(labelled: tuple[str, Any]) -> str:
    """Say which folds have no explanation and why, and how many maps have no heat."""
    label, cell = labelled
    said = []
    if cell.reason:
        said.append(f"could not be explained: {str(cell.reason).rstrip('.')}")
    elif cell.n_explained < cell.n_fits:
        said.append(
            f"{cell.n_fits - cell.n_explained} of {cell.n_fits} folds have no explanations, because their"
            " predictions were in the store before these were asked for; run again with --fresh to have them"
        )
    if cell.n_without_heat:
        n = int(cell.n_without_heat)
        said.append(f"{n} image{'s' if n > 1 else ''} with boxes had a map without any heat, and no share")
    return f"{label}: {'; '.join(said)}." if said else ""
