"""The section on learning: which curves, rounds and layers the report shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from reports import learning_tables
from reports.entries import cell_label
from reports.learning import LearningPanel, learning_panels
from reports.presentation import Table, count, unique_slugs
from reports.run_directory import CELL, SECTION, Run
from reports.sections import Results, Section
from reports.tables import records

__all__ = ["CellCurves", "Learning", "LearningPart", "learning"]

MOST_CELLS = 6
NAMES = [name for name in CELL if name != "key"]


@dataclass(frozen=True, eq=False)
class CellCurves:
    """Learning curves of one cell.

    Attributes
    ----------
    name : str
        Name of the figure's files, without suffix.
    label, caption : str
        The cell; what the figure shows.
    panels : tuple of LearningPanel
        Loss and accuracy.
    rounds : Table or None
        Test loss and accuracy of each fold; None if the grid has neither.
    """

    name: str
    label: str
    caption: str
    panels: tuple[LearningPanel, ...]
    rounds: Table | None

    @property
    def legend(self) -> str:
        """What the lines are, for a figure that stands alone."""
        quantities = " and ".join(panel.quantity for panel in self.panels).capitalize()
        return f"{quantities} by epoch: thin lines, each fold; thick lines, their mean."


@dataclass(frozen=True, eq=False)
class LearningPart:
    """Training of the cells of one section.

    Attributes
    ----------
    slug, title : str
        Anchor; what is written above it.
    training : Table
        All cells that have a history.
    shown : tuple of CellCurves
        At most six.
    note : str
        Which cells are not drawn; empty if all are.
    """

    slug: str
    title: str
    training: Table
    shown: tuple[CellCurves, ...]
    note: str

    @property
    def tables(self) -> tuple[Table, ...]:
        """All tables, in order."""
        return (self.training, *(cell.rounds for cell in self.shown if cell.rounds))


@dataclass(frozen=True, eq=False)
class Learning:
    """How the classifiers of a run learned, as far as they tell.

    Attributes
    ----------
    parts : tuple of LearningPart
        Of each section with a history.
    layers : tuple of Table
        Of each classifier with layers.
    curves_frame, layers_frame : DataFrame
        All histories and all layers, with the names of their cells.
    """

    parts: tuple[LearningPart, ...]
    layers: tuple[Table, ...]
    curves_frame: pd.DataFrame
    layers_frame: pd.DataFrame

    @property
    def title(self) -> str:
        """Heading of the section."""
        return "Learning curves" if self.parts else "Layers"

    @property
    def tables(self) -> tuple[Table, ...]:
        """All tables, in order."""
        return (*(table for part in self.parts for table in part.tables), *self.layers)


def learning(results: Results, sections: Iterable[Section]) -> Learning | None:
    """Make the section; None if no classifier told how it learned."""
    run = results.run
    if run.histories.empty and run.layers.empty:
        return None
    parts = [_part(results, section) for section in sections]
    return Learning(
        parts=tuple(part for part in parts if part is not None),
        layers=tuple(_layers(run, results.headed)),
        curves_frame=_named(run, run.histories),
        layers_frame=_named(run, run.layers),
    )


def _named(run: Run, frame: pd.DataFrame) -> pd.DataFrame:
    return run.cells[[*NAMES, "key"]].merge(frame, on="key", sort=False).drop(columns="key")


def _part(results: Results, section: Section) -> LearningPart | None:
    histories = results.run.histories
    cells = _in_order(section.cells, histories)
    if cells.empty:
        return None
    frame = learning_tables.training_frame(cells, histories)
    drawn = frame.head(MOST_CELLS)
    return LearningPart(
        slug=f"learning-{section.slug}",
        title=section.title,
        training=learning_tables.training(
            frame, name=f"training_{section.slug}", where=section.title, headed=results.headed
        ),
        shown=tuple(
            _curves(results, section, row, position) for position, row in enumerate(records(drawn), 1)
        ),
        note=_left_out(len(drawn), len(frame)),
    )


def _in_order(cells: pd.DataFrame, histories: pd.DataFrame) -> pd.DataFrame:
    """Cells with a history, each once: those with validation first, ablations last, else as in the grid."""
    curves = histories[histories["measure"].str.endswith(("_loss", "_accuracy"))]
    validated = curves.loc[curves["measure"].str.startswith("valid_"), "key"].unique()
    known = cells[(cells["status"] == "done") & cells["key"].isin(curves["key"].unique())]
    known = known.assign(is_ablation=known["role"] == "ablation", is_blind=~known["key"].isin(validated))
    known = known.sort_values(["is_ablation", "is_blind"], kind="stable").drop_duplicates("key")
    return known.drop(columns=["is_ablation", "is_blind"])


def _left_out(n_drawn: int, n_cells: int) -> str:
    if n_drawn == n_cells:
        return ""
    return (
        f"Curves of {n_drawn} of {n_cells} cells are drawn, those with validation curves first, then in the"
        " order of the grid; all stand in the table, and their values in results/histories.parquet."
    )


def _curves(results: Results, section: Section, row: Any, position: int) -> CellCurves:
    histories = results.run.histories
    panels = learning_panels(histories[histories["key"] == row.key])
    label, tail = cell_label(row, results.headed), f"{section.slug}_{position}"
    tested = learning_tables.rounds_frame(_metrics_of(results.run.metrics, row))
    measured = not tested.empty and not set(learning_tables.ROUND_METRICS).isdisjoint(tested)
    return CellCurves(
        name=f"learning_{tail}",
        label=label,
        caption=_caption(label, row, panels),
        panels=panels,
        rounds=learning_tables.rounds(
            tested, results.listed, name=f"rounds_{tail}", of=f"{label}, {section.title}"
        )
        if measured
        else None,
    )


def _metrics_of(metrics: pd.DataFrame, row: Any) -> pd.DataFrame:
    """Rows of one cell; a full system and its cell have the same key, and are one."""
    same = metrics["key"] == row.key
    for column in SECTION:
        same &= metrics[column] == getattr(row, column)
    return metrics[same].drop_duplicates(["repeat", "fold", "class", "metric"])


def _caption(label: str, row: Any, panels: Sequence[LearningPanel]) -> str:
    n_folds, low, high = int(row.n_histories), int(row.epochs_min), int(row.epochs_max)
    folds = _counted(n_folds, "fold")
    if n_folds < row.n_fits:
        folds += f" (of {row.n_fits}; the others have no history)"
    if low == high:
        return f"{label}: {folds} of {_counted(low, 'epoch')}."
    last = [int(one.mean.epochs[-1]) for panel in panels for one in panel.series if len(one.mean.epochs)]
    mean = f"ends with epoch {max(last)}, the last that every fold reached" if last else "is of no epoch"
    return f"{label}: {folds} of {low} to {high} epochs; the mean {mean}."


def _counted(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'}"


def _layers(run: Run, headed: bool) -> Iterable[Table]:
    """One table for each classifier: the layers of its first cell; how others differ is said below it."""
    cells = run.cells[run.cells["key"].isin(run.layers["key"].unique())].drop_duplicates("key")
    networks = dict(iter(run.layers.groupby("key", sort=False)))
    grouped = {(str(name),): frame for name, frame in cells.groupby("classifier", sort=False)}
    slugs = unique_slugs(grouped)
    for name, of_classifier in grouped.items():
        first = next(records(of_classifier))
        where = f"{cell_label(first, headed)}, {' · '.join(map(str, (first.task, first.protocol)))}"
        yield learning_tables.layers(
            networks[first.key],
            name=f"layers_{slugs[name]}",
            of=name[0],
            notes=(_told_layers(where, [networks[key] for key in of_classifier["key"]]),),
        )


def _told_layers(where: str, networks: Sequence[pd.DataFrame]) -> str:
    """Say which cell the layers are of, and how the other cells' differ."""
    columns = ["layer", "output_shape", "parameters", "trainable"]
    others = networks[1:]
    differing = [frame for frame in others if not _same(frame[columns], networks[0][columns])]
    said = f"Of {where}; of folds that differ in size, the largest."
    if len(others) > len(differing):
        said += f" The same in {_counted(len(others) - len(differing), 'other cell')}."
    if differing:
        totals = sorted({int(frame["parameters"].sum()) for frame in differing})
        sizes = " to ".join(map(count, [totals[0], totals[-1]][: len(totals)]))
        said += (
            f" Other layers in {_counted(len(differing), 'other cell')}, with {sizes} parameters in all;"
            " every cell's are in results/layers.parquet."
        )
    return said


def _same(frame: pd.DataFrame, other: pd.DataFrame) -> bool:
    return frame.reset_index(drop=True).equals(other.reset_index(drop=True))
