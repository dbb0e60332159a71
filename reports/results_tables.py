"""Results as tables to be read: comparison, all metrics, per class, ablation, times."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pandas as pd

from reports.entries import absent_entry, cell_label, failed_entry, is_fusion, measured_entry, pair_label
from reports.presentation import Entry, Row, Table, count, number, plain, signed
from reports.run_directory import CELL
from reports.tables import FULL_SYSTEM, ablation_table, comparison_table, records, stands_apart

__all__ = [
    "ablation",
    "all_metrics",
    "comparison",
    "per_class",
    "times",
]

INTERVAL = "below, pooled 95% interval"


def comparison(
    cells: pd.DataFrame, summary: pd.DataFrame, metric: Any, *, name: str, where: str, headed: bool
) -> Table:
    """Extractors down, classifiers across, one metric; below, in rows of their own, what is no such crossing.

    These are cells of an extractor that shares no classifier with another (images, which networks are trained
    on), fusions and baselines.

    Parameters
    ----------
    cells, summary : DataFrame
        Cells of one section, and :func:`reports.tables.summarise`.
    metric : named tuple
        metric, display, higher_is_better.
    name, where : str
        Name of the files; the section, for the caption.
    headed : bool
        Whether each preprocessing heads rows of its own.
    """
    frame = comparison_table(cells, summary, metric.metric, bool(metric.higher_is_better))
    fused = is_fusion(frame)
    ordinary = frame[(frame["role"] == "cell") & ~fused]
    apart = stands_apart(ordinary)
    crossed = ordinary[~apart]
    classifiers = list(dict.fromkeys(crossed["classifier"]))
    pooled = bool((frame["basis"] == "pooled").any())
    rows = [
        *_comparison_rows(crossed, classifiers, pooled, headed),
        *_wide_rows(ordinary[apart], len(classifiers), pooled, headed),
        *_wide_rows(frame[fused], len(classifiers), pooled, headed),
        *_wide_rows(frame[frame["role"] == "baseline"], len(classifiers), pooled, headed),
    ]
    direction = "" if metric.higher_is_better else " (lower is better)"
    how = "pooled over folds" if pooled else "mean ± standard deviation over folds"
    how += f"; {INTERVAL}" if frame["low"].notna().any() else ""
    return Table(
        name=name,
        caption=f"{metric.display}{direction}, {where}: {how}.",
        corner="extractor",
        columns=tuple(classifiers) or ("value",),
        rows=tuple(rows),
        frame=_wide(frame, classifiers),
        notes=tuple(_comparison_notes(frame, pooled)),
    )


def _comparison_rows(
    frame: pd.DataFrame, classifiers: Sequence[str], pooled: bool, headed: bool
) -> Iterable[Row]:
    for preprocessing, block in frame.groupby("preprocessing", sort=False):
        if headed:
            yield Row(label=f"preprocessing: {preprocessing}")
        for extractor, line in block.groupby("extractor", sort=False):
            found = {row.classifier: measured_entry(row, pooled) for row in records(line)}
            yield Row(
                label=str(extractor), entries=tuple(found.get(name, absent_entry()) for name in classifiers)
            )


def _wide_rows(frame: pd.DataFrame, span: int, pooled: bool, headed: bool) -> Iterable[Row]:
    """Give a row of its own to each cell that is no crossing of an extractor with a classifier."""
    for row in records(frame):
        entry = measured_entry(row, pooled, max(span, 1))
        yield Row(
            label=cell_label(row, headed), entries=(entry,), baseline=row.role == "baseline", apart=True
        )


def _comparison_notes(frame: pd.DataFrame, pooled: bool) -> Iterable[str]:
    if pooled:
        yield "In every fold the value is undefined (a class is missing from the test part)."
    elif ((frame["defined"] < frame["folds"]) & (frame["status"] == "done")).any():
        yield (
            "Where the value of a fold is undefined, the mean is of the others;"
            " a cell with fewer of them than other cells is not ranked."
        )
    yield from _shortcut_notes(frame)


def _shortcut_notes(frame: pd.DataFrame) -> Iterable[str]:
    ranked = frame[(frame["role"] == "cell") & frame["heat"].notna()]
    baselines = frame[frame["role"] == "baseline"]
    blind = baselines.loc[baselines["extractor"] == "none", "heat"].max()
    for row in records(baselines[baselines["extractor"] == "image_size"]):
        beaten = int((ranked["heat"] <= row.heat).sum())
        if beaten and not row.heat <= blind:
            yield (
                f"Image size alone ({row.classifier}) scores {number(row.score)}:"
                f" as well as, or better than, {beaten} of {len(ranked)} cells that look at the image."
            )


def _wide(frame: pd.DataFrame, classifiers: Sequence[str]) -> pd.DataFrame:
    lines = []
    for names, line in frame.groupby(["preprocessing", "extractor", "role"], sort=False):
        record: dict[str, object] = dict(zip(["preprocessing", "extractor", "role"], names, strict=True))
        for row in records(line):
            record |= _wide_entry(row)
        lines.append(record)
    wanted = [f"{name}{part}" for name in classifiers for part in ("", " sd", " low", " high")]
    table = pd.DataFrame(lines)
    return table[[*table.columns[:3], *wanted, *(name for name in table.columns[3:] if name not in wanted)]]


def _wide_entry(row: Any) -> dict[str, object]:
    if row.status == "failed":
        values: tuple[object, ...] = ("failed", None, None, None)
    else:
        values = (row.pooled if row.basis == "pooled" else row.mean, row.sd, row.low, row.high)
    return {
        f"{row.classifier}{part}": v for part, v in zip(("", " sd", " low", " high"), values, strict=True)
    }


def all_metrics(
    cells: pd.DataFrame, summary: pd.DataFrame, listed: pd.DataFrame, *, name: str, where: str, headed: bool
) -> Table:
    """All metrics of every cell of a section, ablations included: one row per cell."""
    overall = summary[summary["class"].isna()].drop(columns="class")
    values = cells[[*CELL, "status"]].merge(overall, on=CELL, how="left", sort=False)
    rows = []
    for _, lines in values.groupby(CELL, sort=False, dropna=False):
        rows.append(_metrics_row(lines, listed["metric"], headed))
    return Table(
        name=name,
        caption=f"All metrics of every cell, {where}: mean ± standard deviation over folds; {INTERVAL}.",
        corner="extractor + classifier",
        columns=tuple(listed["display"]),
        rows=tuple(rows),
        frame=values.drop(columns="key"),
    )


def _metrics_row(lines: pd.DataFrame, metrics: Iterable[str], headed: bool) -> Row:
    found = {row.metric: row for row in records(lines)}
    first = next(iter(found.values()))
    absent = failed_entry() if first.status == "failed" else absent_entry()
    entries = tuple(measured_entry(found[name]) if name in found else absent for name in metrics)
    return Row(label=cell_label(first, headed), entries=entries, baseline=first.role == "baseline")


def per_class(
    cells: pd.DataFrame, summary: pd.DataFrame, listed: pd.DataFrame, *, name: str, where: str, headed: bool
) -> Table:
    """Metrics of each class against the rest, one row per cell and class."""
    done = cells.loc[(cells["role"] != "ablation") & (cells["status"] == "done"), [*CELL, "status"]]
    values = done.merge(summary[summary["class"].notna()], on=CELL, sort=False)
    shown = listed[listed["metric"].isin(values["metric"])]
    rows: list[Row] = []
    for _, cell in values.groupby(CELL, sort=False, dropna=False):
        rows.append(Row(label=cell_label(next(records(cell)), headed)))
        for klass, lines in cell.groupby("class", sort=False):
            found = {row.metric: measured_entry(row) for row in records(lines)}
            entries = [found.get(metric, absent_entry()) for metric in shown["metric"]]
            rows.append(Row(label=str(klass), entries=tuple(entries)))
    return Table(
        name=name,
        caption=f"Each class against the rest, {where}: mean ± standard deviation over folds; {INTERVAL}.",
        corner="class",
        columns=tuple(shown["display"]),
        rows=tuple(rows),
        frame=values.drop(columns="key"),
    )


def ablation(
    cells: pd.DataFrame, summary: pd.DataFrame, listed: pd.DataFrame, *, name: str, where: str
) -> Table:
    """Value of each variant and its difference to the full system."""
    frame = ablation_table(cells, summary, listed["metric"].tolist())
    variants = cells[cells["role"] == "ablation"]
    labels = {row.variant: _variant_label(row) for row in records(variants)}
    rows = [
        Row(label=labels[variant], entries=tuple(_ablation_entry(row) for row in records(lines)))
        for variant, lines in frame.groupby("variant", sort=False)
    ]
    first = variants.iloc[0]
    return Table(
        name=name,
        caption=f"Ablation of {pair_label(first)}, {where}:"
        " mean ± standard deviation over folds; below: difference to the full system.",
        corner="variant",
        columns=tuple(listed["display"]),
        rows=tuple(rows),
        frame=frame.drop(columns="key"),
    )


def _variant_label(cell: Any) -> str:
    """Name a variant, and what must be said beside the names of its extractor and its classifier."""
    remarks = dict.fromkeys([cell.extractor_remark, cell.classifier_remark])
    said = ", ".join(remark for remark in remarks if isinstance(remark, str) and remark)
    return f"{cell.variant} ({said})" if said else str(cell.variant)


def _ablation_entry(row: Any) -> Entry:
    entry = measured_entry(row)
    if entry.kind != "value":
        return entry
    note = "" if row.variant == FULL_SYSTEM else signed(row.difference)
    return Entry(text=entry.text, spread=entry.spread, note=note)


def times(frame: pd.DataFrame, *, name: str, where: str, headed: bool) -> Table:
    """Costs of each cell, from :func:`reports.tables.times_table`.

    Parameters, memory and precision have a column where any cell of the section tells them.
    """
    columns: dict[str, Callable[[Any], Entry]] = {
        "features": lambda row: Entry(text=count(row.n_features)),
        "extraction, ms per image": lambda row: Entry(text=plain(row.extract_ms)),
        "fit, s per fold": lambda row: Entry(text=plain(row.fit_s)),
        "prediction, ms per image": lambda row: Entry(text=plain(row.predict_ms)),
    }
    also = []
    if frame["n_parameters"].notna().any():
        columns["parameters"] = _parameters_entry
        also.append("parameters of the classifier (of the fold with the most)")
    if frame["peak_mib"].notna().any():
        columns["peak memory, MiB"] = lambda row: Entry(text=plain(row.peak_mib))
        also.append("memory (of the fold that took the most)")
    if frame["precision"].notna().any():
        columns["deep features in"] = _precision_entry
        also.append("precision of deep features (below: least cosine of the first images with float32)")
    rows = []
    for row in records(frame):
        failed = row.status == "failed"
        entries = [failed_entry(len(columns))] if failed else [show(row) for show in columns.values()]
        rows.append(
            Row(label=cell_label(row, headed), entries=tuple(entries), baseline=row.role == "baseline")
        )
    return Table(
        name=name,
        caption=f"{', '.join(['Time per stage', *also])}, {where}.",
        corner="extractor + classifier",
        columns=tuple(columns),
        rows=tuple(rows),
        frame=frame.drop(columns="key"),
    )


def _precision_entry(row: Any) -> Entry:
    if pd.isna(row.precision):
        return absent_entry()
    agreement = row.precision_agreement
    return Entry(
        text=row.precision, note="" if pd.isna(agreement) else f"cosine {agreement:.5f}", kind="plain"
    )


def _parameters_entry(row: Any) -> Entry:
    trainable = row.n_parameters_trainable
    differs = not pd.isna(trainable) and trainable != row.n_parameters
    return Entry(text=count(row.n_parameters), note=f"{count(trainable)} trainable" if differs else "")
