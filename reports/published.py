"""Published values beside ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from reports.entries import cell_label, interval
from reports.presentation import ABSENT, Entry, Row, Table, number, signed
from reports.run_directory import CELL, SECTION
from reports.tables import records

__all__ = ["published", "published_table"]

NAMES = ["dataset", "task", "protocol", "preprocessing", "extractor", "classifier"]


def published_table(
    quoted: Sequence[Mapping[str, Any]], cells: pd.DataFrame, summary: pd.DataFrame, listed: pd.DataFrame
) -> pd.DataFrame:
    """Match quoted values to our cells.

    Parameters
    ----------
    quoted : sequence of mapping
        The grid's ``published``: source, any names of a cell, and values by metric.
    cells, summary, listed : DataFrame
        The cells, :func:`reports.tables.summarise`, :func:`reports.tables.listed_metrics`.

    Returns
    -------
    DataFrame
        One row per quoted value × dataset, task and protocol in which cells match: source, metric,
        display, published, the columns of our cell, candidates (how many cells match; ours is the
        best of them), mean, sd, low, high, difference = ours - published. A quoted value that no cell
        matches has one row without ours.
    """
    overall = summary[summary["class"].isna()]
    done = cells.loc[(cells["role"] == "cell") & (cells["status"] == "done"), CELL]
    values = done.merge(overall, on=CELL, sort=False)
    rows: list[dict[str, Any]] = []
    for entry in quoted:
        matching = values
        for name in NAMES:
            if entry.get(name) is not None:
                matching = matching[matching[name] == entry[name]]
        for metric in _quoted_metrics(entry):
            direction = listed.set_index("metric")["higher_is_better"].get(metric, True)
            rows += _rows(entry, metric, matching[matching["metric"] == metric], bool(direction))
    columns = [
        "source",
        "metric",
        "published",
        *CELL,
        "candidates",
        "mean",
        "sd",
        "low",
        "high",
        "difference",
    ]
    table = pd.DataFrame(rows, columns=columns)
    shown = table["metric"].map(listed.set_index("metric")["display"])
    table.insert(2, "display", shown.where(shown.notna(), table["metric"]))
    return table


def _quoted_metrics(entry: Mapping[str, Any]) -> list[str]:
    return [
        name
        for name, value in entry.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    ]


def _rows(
    entry: Mapping[str, Any], metric: str, matching: pd.DataFrame, higher: bool
) -> Iterable[dict[str, Any]]:
    told = {"source": str(entry.get("source", "")), "metric": metric, "published": float(entry[metric])}
    ranked = matching[matching["mean"].notna()]
    if ranked.empty:
        named = {name: entry[name] for name in NAMES if entry.get(name) is not None}
        yield {**told, **named, "candidates": 0, **dict.fromkeys(["mean", "sd", "difference"], np.nan)}
        return
    for _, section in ranked.groupby(SECTION, sort=False):
        section = section[section["defined"] == section["defined"].max()]
        best = section.loc[section["mean"].idxmax() if higher else section["mean"].idxmin()]
        ours = {name: best[name] for name in [*CELL, "mean", "sd", "low", "high"]}
        yield {**told, **ours, "candidates": len(section), "difference": best["mean"] - told["published"]}


def published(frame: pd.DataFrame, *, name: str, several_preprocessings: bool) -> Table:
    """Show quoted values, ours and the difference."""
    rows = [_row(row, several_preprocessings) for row in records(frame)]
    return Table(
        name=name,
        caption="Published values beside ours: mean ± standard deviation over folds.",
        corner="source",
        columns=("metric", "task", "protocol", "our cell", "published", "ours", "difference"),
        rows=tuple(rows),
        frame=frame.drop(columns=["key", "variant", "role"]),
        notes=(
            "A published value was measured on its authors' images and split, so a difference is not an error"
            " of either side. Where several of our cells fit the description, the best of them stands here.",
        ),
    )


def _row(row: Any, several_preprocessings: bool) -> Row:
    task, protocol = (ABSENT if pd.isna(name) else str(name) for name in (row.task, row.protocol))
    if row.candidates == 0:
        ours = [Entry(text="no matching cell", kind="undefined"), Entry(text=number(row.published))]
        ours += [Entry(text=ABSENT, kind="absent")] * 2
    else:
        of = f"best of {row.candidates} that fit" if row.candidates > 1 else ""
        spread = "" if pd.isna(row.sd) else f"± {number(row.sd)}"
        ours = [
            Entry(text=cell_label(row, several_preprocessings), note=of, kind="plain"),
            Entry(text=number(row.published)),
            Entry(text=number(row.mean), spread=spread, note=interval(row.low, row.high)),
            Entry(text=signed(row.difference)),
        ]
    words = [Entry(text=text, kind="plain") for text in (row.display, task, protocol)]
    return Row(label=row.source, entries=(*words, *ours))
