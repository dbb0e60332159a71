"""What networks look at, from stored explanations to result tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from suite.explanation import explanation_of, explanation_problem, is_explained
from suite.heat_maps import png
from suite.plan import Cell
from suite.statistics import grouped_intervals
from suite.store import Store

__all__ = ["ExplainedFit", "explained_fits", "heat_table", "heat_tables", "share_table"]

SHOWN = 3  # images of each class, right and wrong: so many keep their pictures, over all folds
HEAT_SCHEMA = pa.schema(
    [
        ("key", pa.string()),
        ("repeat", pa.int64()),
        ("fold", pa.int64()),
        ("sample_id", pa.string()),
        ("group", pa.string()),
        ("y_true", pa.string()),
        ("y_pred", pa.string()),
        ("probability", pa.float64()),
        ("kind", pa.string()),
        ("share_inside", pa.float64()),
        ("area_inside", pa.float64()),
        ("boxes", pa.list_(pa.list_(pa.float64()))),  # left, top, right, bottom as parts of the image
        ("thumbnail", pa.binary()),
        ("heat", pa.binary()),
    ]
)
SHARE_SCHEMA = pa.schema(
    [
        ("key", pa.string()),
        ("n_fits", pa.int64()),
        ("n_explained", pa.int64()),
        ("n_images", pa.int64()),
        ("n_groups", pa.int64()),
        ("n_without_heat", pa.int64()),
        ("share", pa.float64()),
        ("share_low", pa.float64()),
        ("share_high", pa.float64()),
        ("area", pa.float64()),
        ("ratio", pa.float64()),
        ("ratio_low", pa.float64()),
        ("ratio_high", pa.float64()),
        ("seconds_explain", pa.float64()),
        ("reason", pa.string()),
        ("boxes_problem", pa.string()),
        ("boxes_note", pa.string()),
    ]
)


@dataclass(frozen=True, eq=False)
class ExplainedFit:
    """The stored explanations of one fit, as rows of the heat table but for key, repeat and fold."""

    repeat: int
    fold: int
    rows: pd.DataFrame
    seconds: float
    reason: str


def explained_fits(
    cell: Cell, predictions: Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]], store: Store
) -> list[ExplainedFit] | None:
    """Read the explanations of a cell.

    Parameters
    ----------
    cell : Cell
        Any one.
    predictions : sequence of tuple
        Of each of its fits: test rows, predicted classes, probabilities.
    store : Store
        Where they are; one that is absent is left out.

    Returns
    -------
    list of ExplainedFit or None
        None if the classifier explains nothing.
    """
    if not is_explained(cell):
        return None
    found = []
    for fit, (rows, y_pred, proba) in zip(cell.fits, predictions, strict=True):
        unit = explanation_of(cell, fit)
        stored = None if unit is None else store.read("heat", unit.key)
        if stored is None:
            continue
        table, facts = stored
        named = _named(cell, table.to_pandas(), rows, y_pred, proba.max(axis=1))
        fold = fit.fold
        found.append(ExplainedFit(fold.repeat, fold.fold, named, facts["seconds_explain"], facts["reason"]))
    return found


def _named(
    cell: Cell, stored: pd.DataFrame, rows: np.ndarray, y_pred: np.ndarray, probability: np.ndarray
) -> pd.DataFrame:
    """Name samples, patients (a sample of none is its own) and classes."""
    at = stored["row"].to_numpy(dtype=int)
    names = np.asarray(cell.setting.labelling.classes, dtype=object)
    samples = cell.setting.view.samples.iloc[rows[at]].reset_index(drop=True)
    return stored.drop(columns="row").assign(
        sample_id=samples["sample_id"],
        group=samples["group"].fillna(samples["sample_id"]),
        y_true=names[cell.setting.codes[rows[at]]],
        y_pred=names[y_pred[at]],
        probability=probability[at],
    )


def heat_tables(cells: Sequence[tuple[Cell, Sequence[ExplainedFit]]]) -> dict[str, pa.Table]:
    """Make the tables ``heat`` and ``heat_shares`` of cells that explain their predictions, each once."""
    parts = [heat_table(cell.key, fits) for cell, fits in cells]
    return {"heat": pa.concat_tables([HEAT_SCHEMA.empty_table(), *parts]), "heat_shares": share_table(cells)}


def heat_table(key: str, fits: Sequence[ExplainedFit]) -> pa.Table:
    """Tabulate the explained images of a cell: those that are shown, and those that have boxes.

    Of each true class the three most confident right and wrong ones keep their pictures, as PNG;
    an image that several repeats test is shown once.
    """
    frames = [fit.rows.assign(repeat=fit.repeat, fold=fit.fold) for fit in fits]
    rows = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=HEAT_SCHEMA.names)
    rows = rows.assign(key=key)
    ranked = rows[rows["kind"] != ""].sort_values("probability", ascending=False, kind="stable")
    ranked = ranked.drop_duplicates(["sample_id", "kind"])
    shown = ranked.groupby(["y_true", "kind"]).head(SHOWN).index
    rows.loc[~rows.index.isin(shown), ["kind", "thumbnail", "heat"]] = ["", None, None]
    for column in ("thumbnail", "heat"):
        rows[column] = [png(pixels) if pixels else None for pixels in rows[column]]
    kept = rows[(rows["kind"] != "") | rows["area_inside"].notna()]
    return pa.Table.from_pandas(kept[HEAT_SCHEMA.names], schema=HEAT_SCHEMA, preserve_index=False)


def share_table(cells: Sequence[tuple[Cell, Sequence[ExplainedFit]]]) -> pa.Table:
    """Tabulate the mean share of heat inside boxes, beside the boxes' share of the area.

    ``ratio`` is the mean share by the mean area of the same images: 1 is what heat spread evenly would give.
    Intervals are of 95 %, by a bootstrap over groups (patients). Images without any heat have no share, and
    are counted.
    """
    rows = [_share_row(cell, fits) for cell, fits in cells]
    return pa.Table.from_pylist(rows, schema=SHARE_SCHEMA)


def _share_row(cell: Cell, fits: Sequence[ExplainedFit]) -> dict[str, Any]:
    view = cell.setting.view
    row: dict[str, Any] = {
        "key": cell.key,
        "n_fits": len(cell.fits),
        "n_explained": sum(not fit.reason for fit in fits),
        "seconds_explain": sum(fit.seconds for fit in fits),
        "reason": next((fit.reason for fit in fits if fit.reason), ""),
        "boxes_problem": explanation_problem(view),
        "boxes_note": view.prepared.dataset.boxes_note,
    }
    boxed = pd.concat([fit.rows[fit.rows["area_inside"].notna()] for fit in fits]) if fits else pd.DataFrame()
    if boxed.empty:
        return row | {"n_images": 0, "n_groups": 0, "n_without_heat": 0}
    hot = boxed[boxed["share_inside"].notna()]
    counts = {"n_images": hot["sample_id"].nunique(), "n_groups": hot["group"].nunique()}
    return row | counts | {"n_without_heat": len(boxed) - len(hot)} | dict(_measured(hot))


def _measured(hot: pd.DataFrame) -> Iterator[tuple[str, float]]:
    if hot.empty:
        return
    shares, areas = (hot[name].to_numpy(dtype=float) for name in ("share_inside", "area_inside"))

    def means(weights: np.ndarray) -> dict[str, np.ndarray]:
        inside, area, n = weights @ shares, weights @ areas, weights.sum(axis=1)
        return {"share": inside / n, "ratio": inside / area, "area": area / n}

    intervals = grouped_intervals(means, hot["group"].factorize()[0])
    for name, values in means(np.ones((1, len(hot)))).items():
        yield name, float(values[0])
        if name != "area":
            yield from zip((f"{name}_low", f"{name}_high"), intervals[name], strict=True)
