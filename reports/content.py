"""The whole content of a report, before it has a format."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from reports import description, diagnostics
from reports.data_tables import folds_table
from reports.entries import is_fusion
from reports.heat_section import Heat, heat
from reports.learning_section import Learning, learning
from reports.presentation import Entry, Row, Table
from reports.published import published, published_table
from reports.run_directory import Finding, Run
from reports.sections import Results, Section, sections

__all__ = ["Content", "collect"]

SEVERITIES = ("error", "warning", "note")


@dataclass(frozen=True, eq=False)
class Content:
    """All that a report shows.

    Attributes
    ----------
    run : Run
        What it is of.
    summary : str
        One paragraph: what was run.
    synthetic : tuple of str
        Datasets whose images are synthetic.
    shared_patients : int
        The most patients that one fold has on both sides; those of an ablation's variants do not count.
    findings : tuple of Finding
        The gravest first.
    glance : Table or None
        The best cell of each section beside its baselines; None if no cell was measured.
    sections : tuple of Section
        The results.
    learning : Learning or None
        How classifiers learned, if any told.
    heat : Heat or None
        What networks look at, if any explained its predictions.
    published, failures, warnings, chosen : Table or None
        If there are any: published values, failed cells, warnings, parameters that tuning chose.
    data : tuple of Table
        Classes, sources, tasks and folds.
    environment : Table
        Versions and hardware.
    """

    run: Run
    summary: str
    synthetic: tuple[str, ...]
    shared_patients: int
    findings: tuple[Finding, ...]
    glance: Table | None
    sections: tuple[Section, ...]
    learning: Learning | None
    heat: Heat | None
    published: Table | None
    failures: Table | None
    warnings: Table | None
    chosen: Table | None
    data: tuple[Table, ...]
    environment: Table

    @property
    def n_failed(self) -> int:
        """Number of failed cells."""
        return int((self.run.cells["status"] == "failed").sum())

    @property
    def tables(self) -> tuple[Table, ...]:
        """All tables, in order."""
        results = [table for section in self.sections for table in section.tables]
        maybe = (self.published, self.failures, self.warnings, self.chosen)
        learned = self.learning.tables if self.learning else ()
        looked_at = self.heat.tables if self.heat else ()
        parts = (self.glance, *results, *learned, *looked_at, *maybe, *self.data, self.environment)
        return tuple(table for table in parts if table is not None)


def collect(run: Run) -> Content:
    """Make the content of a report."""
    results, parts = Results(run), sections(run)
    named = run.predictions.assign(dataset=_datasets(run))
    folds = folds_table(run.folds, run.samples, named)
    quoted = published_table(run.grid.get("published") or [], run.cells, results.summary, results.listed)
    shared = folds.loc[folds["variant"] == "", "shared_patients"].max()
    return Content(
        run=run,
        summary=_summary(run, parts),
        synthetic=tuple(run.samples.loc[run.samples["synthetic"].astype(bool), "dataset"].unique()),
        shared_patients=0 if pd.isna(shared) else int(shared),
        findings=tuple(sorted(run.findings, key=_gravity)),
        glance=_glance(parts),
        sections=parts,
        learning=learning(results, parts),
        heat=heat(results, parts),
        published=published(quoted, name="published", several_preprocessings=results.headed)
        if len(quoted)
        else None,
        failures=diagnostics.failures(run.cells, name="failed_cells"),
        warnings=diagnostics.raised_warnings(run.cells, name="warnings"),
        chosen=diagnostics.chosen_parameters(run.cells, name="chosen_parameters"),
        data=(
            description.class_table(run.samples, name="data_labels"),
            description.sources_table(run.samples, name="data_sources"),
            description.task_table(run.classes, name="data_tasks"),
            description.folds(folds, name="data_folds"),
        ),
        environment=description.environment(run.environment, name="environment"),
    )


def _datasets(run: Run) -> pd.Series:
    of_key = run.cells.drop_duplicates("key").set_index("key")["dataset"]
    return run.predictions["key"].map(of_key)


def _gravity(finding: Finding) -> int:
    return SEVERITIES.index(finding.severity) if finding.severity in SEVERITIES else len(SEVERITIES)


def _summary(run: Run, parts: tuple[Section, ...]) -> str:
    cells = run.cells
    images = ", ".join(
        f"{name} ({len(samples):,} images{_patients(samples)})"
        for name, samples in run.samples.groupby("dataset", sort=False)
    )
    datasets = cells["dataset"].nunique()
    return (
        f"{'Datasets' if datasets > 1 else 'Dataset'}: {images}."
        f" Tasks: {_listed(cells['task'])}. Protocols: {_listed(cells['protocol'])}."
        f" {_counted(cells, 'extractor', 'extractor')} and {_counted(cells, 'classifier', 'classifier')}"
        f"{_fusions(cells)}"
        f" in {len(parts)} comparison{'s' if len(parts) > 1 else ''}:"
        f" {len(cells):,} cells, {count_fits(cells):,} fits."
    )


def count_fits(cells: pd.DataFrame) -> int:
    """Count the fits of cells; a full system and its cell stand in two tables and were fitted once."""
    return int(cells.drop_duplicates("key")["n_fits"].fillna(0).sum())


def _patients(samples: pd.DataFrame) -> str:
    n_groups = samples["group"].nunique()
    return f", {n_groups:,} patients" if n_groups else ", patients not known"


def _listed(names: pd.Series) -> str:
    return ", ".join(map(str, names.unique()))


def _counted(cells: pd.DataFrame, column: str, noun: str) -> str:
    n = cells.loc[(cells["role"] == "cell") & ~is_fusion(cells), column].nunique()
    return f"{n} {noun}{'' if n == 1 else 's'}"


def _fusions(cells: pd.DataFrame) -> str:
    n = cells.loc[(cells["role"] == "cell") & is_fusion(cells), "classifier"].nunique()
    return f" and {n} score fusion{'' if n == 1 else 's'} of their cells" if n else ""


def _glance(parts: tuple[Section, ...]) -> Table | None:
    chosen = [(part, _headline(part)) for part in parts if part.main]
    if not chosen:
        return None
    baselines = list(dict.fromkeys(row.label for _, table in chosen for row in table.rows if row.baseline))
    rows = [Row(label=part.title, entries=tuple(_glance_entries(table, baselines))) for part, table in chosen]
    columns = ("metric", "best cell", "its value", *baselines)
    data = [(row.label, *(entry.line for entry in row.entries)) for row in rows]
    return Table(
        name="at_a_glance",
        caption="The best cell of each comparison beside the baselines, which show what the data give away.",
        corner="comparison",
        columns=columns,
        rows=tuple(rows),
        frame=pd.DataFrame(data, columns=["comparison", *columns]),
    )


def _headline(part: Section) -> Table:
    """Choose balanced accuracy, or where it ranks no cell, the first main metric that does."""
    balanced_first = sorted(part.main, key=lambda table: not table.name.startswith("balanced_accuracy"))
    ranked = [
        table for table in balanced_first if any(entry.best for row in table.rows for entry in row.entries)
    ]
    return (ranked or balanced_first)[0]


def _glance_entries(table: Table, baselines: list[str]) -> Iterable[Entry]:
    yield Entry(text=table.caption.split(",")[0], kind="plain")
    best = [
        (row.label if row.apart else f"{row.label} + {column}", entry)
        for row in table.rows
        if not row.baseline
        for column, entry in zip(table.columns, row.entries, strict=False)
        if entry.best
    ]
    if best:
        label, entry = best[0]
        ties = f"and {len(best) - 1} more" if len(best) > 1 else ""
        yield Entry(text=label, note=ties, kind="plain")
        yield Entry(text=entry.text, spread=entry.spread, note=entry.note, best=True)
    else:
        yield from (Entry(text="–", kind="absent"), Entry(text="no ranked cell", kind="undefined"))
    values = {row.label: row.entries[0] for row in table.rows if row.baseline}
    for name in baselines:
        found = values.get(name)
        if found is None:
            yield Entry(text="–", kind="absent")
        else:
            yield Entry(
                text=found.text, spread=found.spread, note=found.note, best=found.best, kind=found.kind
            )
