"""Data, folds and the environment as tables to be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from reports.data_tables import counts_by_source, describe_classes, source_purity
from reports.presentation import ABSENT, Entry, Row, Table, count, plain
from reports.tables import records

__all__ = ["class_table", "environment", "folds", "sources_table", "task_table"]


def _words(*texts: str) -> tuple[Entry, ...]:
    return tuple(Entry(text=text or ABSENT, kind="plain") for text in texts)


def _numbers(*values: float) -> tuple[Entry, ...]:
    return tuple(Entry(text=count(value)) for value in values)


def _side(row: Any, side: str) -> str:
    middle, low, high = (getattr(row, f"{side}_{name}") for name in ("median", "min", "max"))
    return plain(middle) if low == high else f"{plain(middle)} ({plain(low)}–{plain(high)})"


def class_table(samples: pd.DataFrame, *, name: str) -> Table:
    """Images, patients, sizes and formats of each label."""
    frame = describe_classes(samples)
    several = frame["dataset"].nunique() > 1
    rows = []
    for row in records(frame):
        per_patient = f"{plain(row.per_patient_median)} (up to {count(row.per_patient_max)})"
        entries = (
            *_numbers(row.images, row.patients),
            Entry(text=ABSENT if pd.isna(row.per_patient_max) else per_patient),
            *(Entry(text=_side(row, side)) for side in ("width", "height")),
            *_words(str(row.formats), str(row.bit_depths)),
        )
        rows.append(Row(label=f"{row.dataset}: {row.label}" if several else str(row.label), entries=entries))
    return Table(
        name=name,
        caption="The images of each label: counts, and sizes in pixels as median (range).",
        corner="label",
        columns=("images", "patients", "images per patient", "width", "height", "format", "bits"),
        rows=tuple(rows),
        frame=frame,
    )


def sources_table(samples: pd.DataFrame, *, name: str) -> Table:
    """Images (and patients) of each label × source × split, and how far the source gives the label away."""
    frame = counts_by_source(samples)
    frame = frame.assign(column=_source_and_split(frame))
    columns = list(dict.fromkeys(frame["column"]))
    purity = {(row.dataset, row.label): row for row in records(source_purity(samples))}
    several = frame["dataset"].nunique() > 1
    rows = []
    for key, lines in frame.groupby(["dataset", "label"], sort=False):
        found = {row.column: row for row in records(lines)}
        entries = [_source_entry(found.get(column)) for column in columns]
        entries.append(_purity_entry(purity.get((key[0], key[1]))))
        rows.append(Row(label=": ".join(map(str, key)) if several else str(key[1]), entries=tuple(entries)))
    return Table(
        name=name,
        caption="Images of each label by source and split.",
        corner="label",
        columns=(*columns, "main source"),
        rows=tuple(rows),
        frame=frame.drop(columns="column"),
        notes=("Main source: share of the label's images that it gave; share of its images with that label.",)
        if purity
        else (),
    )


def _source_and_split(frame: pd.DataFrame) -> pd.Series:
    if frame["split"].nunique() == 1:
        return frame["source"]
    return frame["source"] + " / " + frame["split"]


def _source_entry(row: Any) -> Entry:
    if row is None:
        return Entry(text="0", kind="absent")
    note = "" if pd.isna(row.patients) else f"{count(row.patients)} patients"
    return Entry(text=count(row.images), note=note)


def _purity_entry(row: Any) -> Entry:
    if row is None:
        return Entry(text=ABSENT, kind="absent")
    note = f"gave {row.share:.0%}; {row.purity:.0%} of it is this label"
    return Entry(text=str(row.main_source), note=note, kind="plain")


def task_table(classes: pd.DataFrame, *, name: str) -> Table:
    """Classes of each task, with their images and patients."""
    several = classes["dataset"].nunique() > 1
    rows = []
    for row in records(classes.rename(columns={"class": "class_name"})):
        entries = (
            *_words(str(row.class_name), "yes" if row.positive else ""),
            *_numbers(row.n_samples, row.n_groups),
        )
        rows.append(Row(label=f"{row.dataset}: {row.task}" if several else str(row.task), entries=entries))
    return Table(
        name=name,
        caption="The tasks and their classes.",
        corner="task",
        columns=("class", "positive", "images", "patients"),
        rows=tuple(rows),
        frame=classes,
    )


def folds(frame: pd.DataFrame, *, name: str) -> Table:
    """Sizes of the folds, from :func:`reports.data_tables.folds_table`."""
    several = frame["dataset"].nunique() > 1
    rows = []
    for row in records(frame):
        where = [row.dataset] if several else []
        entries = (
            *_words(f"{row.protocol} ({row.variant})" if row.variant else row.protocol, row.preprocessing),
            *_numbers(row.repeats, row.folds),
            *(Entry(text=_range(row, part)) for part in ("train", "test")),
            Entry(text=count(row.shared_patients)),
        )
        rows.append(Row(label=": ".join([*map(str, where), str(row.task)]), entries=entries))
    return Table(
        name=name,
        caption="The folds, saved and identical for all cells of a task"
        + (", but for variants that split otherwise." if frame["variant"].any() else "."),
        corner="task",
        columns=(
            "protocol",
            "preprocessing",
            "repeats",
            "folds in all",
            "training images",
            "test images",
            "patients in both parts",
        ),
        rows=tuple(rows),
        frame=frame,
    )


def _range(row: Any, part: str) -> str:
    low, high = getattr(row, f"{part}_min"), getattr(row, f"{part}_max")
    return count(low) if low == high else f"{count(low)}–{count(high)}"


def environment(facts: Mapping[str, Any], *, name: str) -> Table:
    """Versions and hardware."""
    packages = facts.get("packages") or {}
    shown = {
        key: value for key, value in facts.items() if key not in ("packages", "command", "seconds", "format")
    }
    if facts.get("seconds") is not None:
        shown["wall time"] = f"{plain(float(facts['seconds']))} s"
    shown["run directory"] = f"format {facts['format']}"
    pairs = [(key.replace("_", " "), value) for key, value in shown.items()] + list(packages.items())
    texts = [(str(key), ABSENT if value is None else str(value)) for key, value in pairs]
    return Table(
        name=name,
        caption="Versions and hardware.",
        corner="what",
        columns=("value",),
        rows=tuple(Row(label=key, entries=_words(value)) for key, value in texts),
        frame=pd.DataFrame(texts, columns=["what", "value"]),
        words=True,
    )
