"""What a dataset holds, in numbers: the tables that ``data`` prints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from suite.datasets._dataset import Dataset
from suite.views import Prepared

__all__ = ["Table", "summarise"]


@dataclass(frozen=True)
class Table:
    """A small table to print: title, column names and rows of text."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def summarise(prepared: Prepared) -> Iterator[Table]:
    """Yield tables of counts per label × source × split, patients, sizes and unusable files."""
    samples, facts = prepared.dataset.samples, prepared.facts
    yield _counts(samples)
    if prepared.dataset.grouped:
        yield _patients(samples)
    yield _sizes(samples, facts)
    yield _formats(samples, facts)
    if prepared.dataset.boxes is not None:
        yield _boxes(prepared.dataset)
    if prepared.skipped:
        rows = tuple((problem.where, problem.message) for problem in prepared.skipped)
        yield Table(f"{len(rows)} files that cannot be used", ("file", "reason"), rows)


def _boxes(dataset: Dataset) -> Table:
    numbers = [len(boxes) for boxes in dataset.boxes or ()]
    row = (str(sum(number > 0 for number in numbers)), str(sum(numbers)))
    noted = (("remark",), (dataset.boxes_note,)) if dataset.boxes_note else ((), ())
    return Table("Boxes", ("images with boxes", "boxes", *noted[0]), ((*row, *noted[1]),))


def _counts(samples: pd.DataFrame) -> Table:
    columns = ["label", *(column for column in ("source", "split") if samples[column].notna().any())]
    counted = samples[columns].fillna("(none)").value_counts().sort_index().reset_index()
    rows = [tuple(str(value) for value in row) for row in counted.itertuples(index=False)]
    rows.append(("all", *[""] * (len(columns) - 1), str(len(samples))))
    return Table("Images", (*columns, "images"), tuple(rows))


def _patients(samples: pd.DataFrame) -> Table:
    rows = [_patient_row(str(label), part) for label, part in samples.groupby("label")]
    return Table(
        "Groups (patients)",
        ("label", "groups", "images per group: median", "most"),
        (*rows, _patient_row("all", samples)),
    )


def _patient_row(label: str, samples: pd.DataFrame) -> tuple[str, ...]:
    per_group = samples["group"].fillna(samples["sample_id"]).value_counts()
    return label, str(len(per_group)), f"{per_group.median():g}", str(per_group.max())


def _sizes(samples: pd.DataFrame, facts: pd.DataFrame) -> Table:
    rows = []
    for label, part in facts.groupby(samples["label"].to_numpy()):
        width, height = part["width"], part["height"]
        rows.append(
            (
                str(label),
                f"{np.median(width):g} × {np.median(height):g}",
                f"{width.min()}–{width.max()}",
                f"{height.min()}–{height.max()}",
                f"{(width / height).median():.3f}",
                f"{(width == height).mean():.0%}",
            )
        )
    columns = ("label", "median size", "widths", "heights", "median aspect ratio", "square")
    return Table("Image sizes", columns, tuple(rows))


def _formats(samples: pd.DataFrame, facts: pd.DataFrame) -> Table:
    described = facts["format"] + ", " + facts["bit_depth"].astype(int).astype(str) + " bit"
    counts = pd.crosstab(described, samples["label"])
    rows = tuple(
        (str(name), *map(str, row)) for name, row in zip(counts.index, counts.to_numpy(), strict=True)
    )
    return Table("Formats", ("format", *map(str, counts.columns)), rows)
