"""Which curves stand in a section's figure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from reports.curves import Curve, macro_curve, proba_matrix, roc_curve
from reports.entries import cell_label
from reports.figures import NamedCurve, Panel
from reports.tables import records

__all__ = ["roc_panels"]

HIGHLIGHTED = 5
MOST_CLASSES = 8

CellCurves = list[tuple[str, bool, dict[str, Curve | None]]]


def roc_panels(
    cells: pd.DataFrame,
    predictions_of: Callable[[str], pd.DataFrame],
    classes: Sequence[str],
    positive: str | None,
    headed: bool,
) -> tuple[Panel, ...]:
    """Choose and compute the curves of a section from predictions pooled over its test folds.

    Parameters
    ----------
    cells : DataFrame
        The section's cells.
    predictions_of : callable
        Predictions of a key.
    classes : sequence of str
        The task's classes, in order.
    positive : str or None
        With a positive class there is one panel; without, one of the macro average over the classes
        (vertical averaging) and one per class against the rest (only up to 8 classes).
    headed : bool
        Whether preprocessings are named.

    Returns
    -------
    tuple of Panel
        Empty if no curve is defined.
    """
    shown = cells[(cells["status"] == "done") & (cells["role"] != "ablation")]
    wanted = list(classes) if positive is None else [positive]
    found: CellCurves = []
    for row in records(shown):
        curves = _curves(predictions_of(str(row.key)), classes, wanted)
        found.append((cell_label(row, headed), row.role == "baseline", curves))
    if positive is not None:
        titles = {positive: f"{positive} against the rest"}
    else:
        titles = {"": "macro average"}
        if len(classes) <= MOST_CLASSES:
            titles |= {name: f"{name} against the rest" for name in classes}
    panels = (
        _panel(title, found, name, _ranking(found, next(iter(titles)))) for name, title in titles.items()
    )
    return tuple(panel for panel in panels if panel.curves)


def _curves(
    predictions: pd.DataFrame, classes: Sequence[str], wanted: Sequence[str]
) -> dict[str, Curve | None]:
    proba, true = proba_matrix(predictions), predictions["y_true"].to_numpy()
    curves = {name: roc_curve(proba[:, list(classes).index(name)], true == name) for name in wanted}
    defined = [curve for curve in curves.values() if curve is not None]
    return {"": macro_curve(defined) if len(defined) == len(wanted) else None, **curves}


def _ranking(found: CellCurves, name: str) -> list[int]:
    def area(place: int) -> float:
        curve = found[place][2][name]
        return -np.inf if curve is None else curve.area

    return sorted(range(len(found)), key=area, reverse=True)


def _panel(title: str, found: CellCurves, name: str, ranking: Sequence[int]) -> Panel:
    ordinary = [place for place in ranking if not found[place][1]]
    baselines = [place for place in range(len(found)) if found[place][1]]
    named = [
        NamedCurve(label, curve, baseline)
        for label, baseline, curves in (found[place] for place in ordinary[:HIGHLIGHTED] + baselines)
        if (curve := curves[name]) is not None
    ]
    rest = (found[place][2][name] for place in ordinary[HIGHLIGHTED:])
    return Panel(title, tuple(named), tuple(curve for curve in rest if curve is not None))
