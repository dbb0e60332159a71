"""Tables of training: epochs of each cell, rounds of a cell, layers of a classifier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from reports.entries import absent_entry, cell_label
from reports.presentation import Entry, Row, Table, count, number, plain
from reports.tables import records

__all__ = ["ROUND_METRICS", "layers", "rounds", "rounds_frame", "training", "training_frame"]

LAST = {
    "train_loss": "training loss",
    "valid_loss": "validation loss",
    "train_accuracy": "training accuracy",
    "valid_accuracy": "validation accuracy",
}
ROUND_METRICS = ("log_loss", "accuracy")


def training_frame(cells: pd.DataFrame, histories: pd.DataFrame) -> pd.DataFrame:
    """Summarise the training of each cell.

    Parameters
    ----------
    cells : DataFrame
        Cells that have a history, one row each.
    histories : DataFrame
        ``results/histories.parquet``.

    Returns
    -------
    DataFrame
        The cells with n_histories (fits that have one), epochs_min, epochs_max (over folds), seconds (mean
        of an epoch), and the mean over folds of each fold's last value of train_loss, valid_loss,
        train_accuracy and valid_accuracy; NaN where there is none.
    """
    fits = histories.sort_values("epoch", kind="stable").groupby(["key", "repeat", "fold"], sort=False)
    epochs = fits["epoch"].max().groupby("key").agg(n_histories="size", epochs_min="min", epochs_max="max")
    by_measure = histories.groupby(["key", "repeat", "fold", "measure"], sort=False)["value"]
    last = by_measure.apply(lambda values: values.iloc[-1]).groupby(["key", "measure"]).mean().unstack()
    seconds = histories[histories["measure"] == "seconds"].groupby("key")["value"].mean().rename("seconds")
    told = epochs.join(seconds).join(last.reindex(columns=list(LAST)))
    return cells.merge(told, left_on="key", right_index=True, how="left", sort=False)


def training(frame: pd.DataFrame, *, name: str, where: str, headed: bool) -> Table:
    """Epochs, and loss and accuracy of the last one, of each cell; from :func:`training_frame`."""
    shown = {column: title for column, title in LAST.items() if frame[column].notna().any()}
    timed = frame["seconds"].notna().any()
    rows = []
    for row in records(frame):
        partial = f"{count(row.n_histories)} of {count(row.n_fits)} folds"
        epochs = Entry(text=_range(row), note=partial if row.n_histories < row.n_fits else "")
        seconds = [Entry(text=plain(row.seconds))] if timed else []
        last = [_quantity(getattr(row, column), column) for column in shown]
        rows.append(Row(label=cell_label(row, headed), entries=(epochs, *seconds, *last)))
    return Table(
        name=name,
        caption=f"Training, {where}: epochs of each fold, and loss and accuracy of the last one, mean over"
        " folds.",
        corner="extractor + classifier",
        columns=("epochs", *(["s per epoch"] if timed else []), *shown.values()),
        rows=tuple(rows),
        frame=frame.drop(columns="key"),
    )


def _range(row: Any) -> str:
    low, high = count(row.epochs_min), count(row.epochs_max)
    return low if low == high else f"{low}–{high}"


def _quantity(value: float, column: str) -> Entry:
    if pd.isna(value):
        return absent_entry()
    return Entry(text=number(value) if column.endswith("accuracy") else plain(value))


def rounds_frame(metrics: pd.DataFrame) -> pd.DataFrame:
    """Loss and accuracy of the test part of each round, in order.

    Parameters
    ----------
    metrics : DataFrame
        A cell's rows of ``results/metrics.parquet``.

    Returns
    -------
    DataFrame
        round (from 1), repeat, fold, and ``log_loss`` and ``accuracy``, as far as the grid has them.
    """
    in_fold = metrics["fold"].notna() & metrics["class"].isna() & metrics["metric"].isin(ROUND_METRICS)
    wide = metrics[in_fold].pivot(index=["repeat", "fold"], columns="metric", values="value").sort_index()
    wide = wide[[name for name in ROUND_METRICS if name in wide]].reset_index().rename_axis(columns=None)
    wide.insert(0, "round", range(1, len(wide) + 1))
    return wide


def rounds(frame: pd.DataFrame, listed: pd.DataFrame, *, name: str, of: str) -> Table:
    """Write the rounds one below the other, then their average, the worst and the best.

    Parameters
    ----------
    frame : DataFrame
        Of :func:`rounds_frame`.
    listed : DataFrame
        metric, display, higher_is_better.
    name, of : str
        Name of the files; the cell.
    """
    metrics = [metric for metric in ROUND_METRICS if metric in frame]
    shown = listed.set_index("metric").loc[metrics]
    rows = [
        Row(label=str(row.round), entries=tuple(Entry(text=number(getattr(row, name))) for name in metrics))
        for row in records(frame)
    ]
    rows.append(Row(label=f"over {len(frame)} rounds"))
    rows += _over_rounds(frame[metrics], shown["higher_is_better"].astype(bool).tolist())
    return Table(
        name=name,
        caption=f"Test part of each round, {of}.",
        corner="round",
        columns=tuple(shown["display"]),
        rows=tuple(rows),
        frame=frame,
        notes=tuple(
            f"The grid does not have the metric {name}." for name in ROUND_METRICS if name not in metrics
        ),
    )


def _over_rounds(values: pd.DataFrame, higher_is_better: Sequence[bool]) -> list[Row]:
    low, high, spread = values.min().tolist(), values.max().tolist(), values.std().tolist()
    ends = [(a, b) if up else (b, a) for a, b, up in zip(low, high, higher_is_better, strict=True)]
    average = tuple(
        Entry(text=number(mean), spread="" if pd.isna(sd) else f"± {number(sd)}")
        for mean, sd in zip(values.mean().tolist(), spread, strict=True)
    )
    return [
        Row(label="average", entries=average),
        Row(label="worst", entries=tuple(Entry(text=number(worst)) for worst, _ in ends)),
        Row(label="best", entries=tuple(Entry(text=number(best)) for _, best in ends)),
    ]


def layers(frame: pd.DataFrame, *, name: str, of: str, notes: Sequence[str]) -> Table:
    """Layers of one network, as Keras summarises a model: one row each, and the total.

    Parameters
    ----------
    frame : DataFrame
        Rows of one cell in ``results/layers.parquet``, in order.
    name, of : str
        Name of the files; the classifier.
    notes : sequence of str
        Which cell it is of.
    """
    rows = [
        Row(label=str(row.layer), entries=_layer_entries(row.output_shape, row.parameters, row.trainable))
        for row in records(frame)
    ]
    total = _layer_entries("", int(frame["parameters"].sum()), int(frame["trainable"].sum()))
    rows += [
        Row(label=f"{len(frame)} layer{'' if len(frame) == 1 else 's'}"),
        Row(label="total", entries=total),
    ]
    return Table(
        name=name,
        caption=f"Layers of {of}.",
        corner="layer",
        columns=("output shape", "parameters", "trainable"),
        rows=tuple(rows),
        frame=frame[["layer", "output_shape", "parameters", "trainable"]],
        notes=tuple(notes),
    )


def _layer_entries(shape: str, parameters: int, trainable: int) -> tuple[Entry, ...]:
    return (Entry(text=shape), Entry(text=count(parameters)), Entry(text=count(trainable)))
