"""The results of one dataset, task and protocol: all tables and curves of a section."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from reports import results_tables
from reports.curves import confusion_counts
from reports.data_tables import task_classes
from reports.entries import cell_label
from reports.figures import Panel
from reports.presentation import Table, slug, unique_slugs
from reports.roc_panels import roc_panels
from reports.run_directory import SECTION, Run
from reports.tables import listed_metrics, main_metrics, records, summarise, times_table

__all__ = ["Confusion", "Results", "Section", "sections"]


@dataclass(frozen=True, eq=False)
class Confusion:
    """The confusion matrix of a cell, counts pooled over its test folds."""

    label: str
    classes: tuple[str, ...]
    counts: np.ndarray

    @property
    def shares(self) -> np.ndarray:
        """Counts as shares of the true class; 0 where a class has no sample."""
        totals = self.counts.sum(axis=1, keepdims=True)
        return np.divide(self.counts, totals, out=np.zeros(self.counts.shape), where=totals > 0)


@dataclass(frozen=True, eq=False)
class Section:
    """What the report shows of one dataset, task and protocol.

    Attributes
    ----------
    slug, title : str
        Anchor; what is written above it.
    cells : DataFrame
        Its cells.
    main, others : tuple of Table
        Comparison tables of the main metrics, and of the others.
    metrics, classes, times : Table
        All metrics of every cell; per class; time per stage.
    ablation : Table or None
        If the grid has one.
    confusions : tuple of Confusion
        Of every cell that is done.
    panels : tuple of Panel
        Receiver operating characteristics.
    """

    slug: str
    title: str
    cells: pd.DataFrame
    main: tuple[Table, ...]
    others: tuple[Table, ...]
    metrics: Table
    classes: Table
    times: Table
    ablation: Table | None
    confusions: tuple[Confusion, ...]
    panels: tuple[Panel, ...]

    @property
    def failed(self) -> int:
        """Number of failed cells."""
        return int((self.cells["status"] == "failed").sum())

    @property
    def tables(self) -> tuple[Table, ...]:
        """All tables, in order."""
        ablation = (self.ablation,) if self.ablation else ()
        return (*self.main, *self.others, self.metrics, self.classes, *ablation, self.times)

    @property
    def confusion_frame(self) -> pd.DataFrame:
        """All confusion matrices as data: cell, true, predicted, count."""
        rows = [
            (matrix.label, true, predicted, int(matrix.counts[i, j]))
            for matrix in self.confusions
            for i, true in enumerate(matrix.classes)
            for j, predicted in enumerate(matrix.classes)
        ]
        return pd.DataFrame(rows, columns=["cell", "true", "predicted", "count"])


@dataclass(frozen=True, eq=False)
class Results:
    """A run with what is derived from it once."""

    run: Run

    @cached_property
    def summary(self) -> pd.DataFrame:
        """See :func:`reports.tables.summarise`."""
        return summarise(self.run.metrics)

    @cached_property
    def listed(self) -> pd.DataFrame:
        """See :func:`reports.tables.listed_metrics`."""
        return listed_metrics(self.run.metrics)

    @cached_property
    def main(self) -> list[str]:
        """See :func:`reports.tables.main_metrics`."""
        return main_metrics(self.listed)

    @cached_property
    def times(self) -> pd.DataFrame:
        """See :func:`reports.tables.times_table`."""
        counts = self.predictions.groupby(level=0).size()
        return times_table(self.run.cells, counts)

    @cached_property
    def predictions(self) -> pd.DataFrame:
        """Predictions by key; a cell that two roles share has its predictions once."""
        unique = self.run.predictions.drop_duplicates(["key", "repeat", "fold", "sample_id"])
        return unique.set_index("key").sort_index(kind="stable")

    @cached_property
    def headed(self) -> bool:
        """Whether the grid compares several preprocessings."""
        return self.run.cells.loc[self.run.cells["role"] == "cell", "preprocessing"].nunique() > 1

    def predictions_of(self, key: str) -> pd.DataFrame:
        """Predictions of a cell."""
        return self.predictions.loc[[key]]

    def title(self, names: tuple[str, ...]) -> str:
        """Name a section; the dataset only if there are several."""
        several = self.run.cells["dataset"].nunique() > 1
        return " · ".join(names if several else names[1:])


def sections(run: Run) -> tuple[Section, ...]:
    """Make all sections of a report, in the order of the grid."""
    results = Results(run)
    grouped = {
        tuple(map(str, names)): cells for names, cells in run.cells.groupby(SECTION, sort=False, dropna=False)
    }
    slugs = unique_slugs(grouped)
    return tuple(_section(results, names, cells, slugs[names]) for names, cells in grouped.items())


def _section(results: Results, names: tuple[str, ...], cells: pd.DataFrame, anchor: str) -> Section:
    where, headed = results.title(names), results.headed
    shared: dict[str, Any] = {"where": where, "headed": headed}
    summary, listed = _of_section(results.summary, names), results.listed
    main = listed.set_index("metric").loc[results.main].reset_index()
    others = listed[~listed["metric"].isin(results.main)]
    classes, positive = task_classes(results.run.classes, *names[:2])
    times = _of_section(results.times, names)
    has_ablation = (cells["role"] == "ablation").any() and len(listed) > 0
    return Section(
        slug=anchor,
        title=where,
        cells=cells,
        main=tuple(_comparisons(cells, summary, main, anchor, shared)),
        others=tuple(_comparisons(cells, summary, others, anchor, shared)),
        metrics=results_tables.all_metrics(cells, summary, listed, name=f"all_metrics_{anchor}", **shared),
        classes=results_tables.per_class(cells, summary, listed, name=f"per_class_{anchor}", **shared),
        times=results_tables.times(times, name=f"times_{anchor}", **shared),
        ablation=results_tables.ablation(cells, summary, listed, name=f"ablation_{anchor}", where=where)
        if has_ablation
        else None,
        confusions=tuple(_confusions(results, cells, classes)),
        panels=roc_panels(cells, results.predictions_of, classes, positive, headed),
    )


def _of_section(frame: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    mask = np.logical_and.reduce([frame[column] == name for column, name in zip(SECTION, names, strict=True)])
    return frame[mask]


def _comparisons(
    cells: pd.DataFrame, summary: pd.DataFrame, listed: pd.DataFrame, anchor: str, shared: dict[str, Any]
) -> Iterable[Table]:
    for metric in records(listed):
        name = f"{slug(str(metric.metric))}_{anchor}"
        yield results_tables.comparison(cells, summary, metric, name=name, **shared)


def _confusions(results: Results, cells: pd.DataFrame, classes: list[str]) -> Iterable[Confusion]:
    for row in records(cells[(cells["status"] == "done") & (cells["role"] != "ablation")]):
        counts = confusion_counts(results.predictions_of(str(row.key)), classes)
        yield Confusion(cell_label(row, results.headed), tuple(classes), counts)
