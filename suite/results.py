"""Result tables of a run, all derived from the stored predictions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from suite.engine import Outcome
from suite.errors import RunDirectoryError
from suite.evaluation import read_fit
from suite.executors import Workers
from suite.extraction import Failure
from suite.heat_tables import ExplainedFit, explained_fits, heat_tables
from suite.measuring import compute_metrics
from suite.plan import Cell, Plan
from suite.splits import Fold
from suite.store import Store, write_atomically
from suite.training import history_table, layer_table, training_columns
from suite.views import Prepared

__all__ = ["read_table", "rebuild_metrics", "write_results"]

FORMAT = 3  # of the run directory; 2: histories, layers, parameters and memory; 3: remarks on protocols
PREDICTION_SCHEMA = pa.schema(
    [
        ("key", pa.string()),
        ("repeat", pa.int64()),
        ("fold", pa.int64()),
        ("sample_id", pa.string()),
        ("group", pa.string()),
        ("y_true", pa.string()),
        ("y_pred", pa.string()),
        ("proba", pa.list_(pa.float64())),
    ]
)


@dataclass(frozen=True)
class _Read:
    """A cell's fits as they are stored."""

    cell: Cell
    fits: list[tuple[np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]]


def write_results(
    plan: Plan,
    prepared: Sequence[Prepared],
    outcome: Outcome,
    store: Store,
    run_dir: Path,
    metrics: Sequence[str],
    workers: Workers,
) -> pd.DataFrame:
    """Write the tables under ``results/`` and return the table of cells.

    Parameters
    ----------
    plan : Plan
        The cells.
    prepared : sequence of Prepared
        The datasets.
    outcome : Outcome
        What failed.
    store : Store
        Where the predictions are.
    run_dir : Path
        The run directory.
    metrics : sequence of str
        Measures to compute.
    workers : Workers
        Compute them.
    """
    results = run_dir / "results"
    rows: list[dict[str, Any]] = []
    batches: list[pa.RecordBatch] = []
    facts: dict[str, list[tuple[Fold, dict[str, Any]]]] = {}
    explained: dict[str, tuple[Cell, list[ExplainedFit]]] = {}
    for cell in plan.cells:
        read = _read_cell(cell, store)
        rows.append(_cell_row(cell, read, outcome, store))
        if read is not None and cell.key not in facts:
            batches.extend(_prediction_batches(read))
            facts[cell.key] = [
                (fit.fold, stored[3]) for fit, stored in zip(cell.fits, read.fits, strict=True)
            ]
            looked_at = explained_fits(cell, [fit[:3] for fit in read.fits], store)
            if looked_at is not None:
                explained[cell.key] = cell, looked_at
    cells = pd.DataFrame(rows).astype(dict.fromkeys(training_columns([]), "Int64"))
    predictions = pa.Table.from_batches(batches, schema=PREDICTION_SCHEMA)
    classes = _class_table(plan)
    write_table(results / "cells.parquet", pa.Table.from_pandas(cells, preserve_index=False))
    write_table(results / "predictions.parquet", predictions)
    write_table(results / "folds.parquet", _fold_table(plan))
    write_table(results / "samples.parquet", _sample_table(prepared))
    write_table(results / "classes.parquet", pa.Table.from_pandas(classes, preserve_index=False))
    _write_training(results, facts)
    for name, table in heat_tables(list(explained.values())).items():
        write_table(results / f"{name}.parquet", table)
    measured = compute_metrics(cells, predictions, classes, tuple(metrics), workers, store)
    write_table(results / "metrics.parquet", pa.Table.from_pandas(measured, preserve_index=False))
    return cells


def _write_training(results: Path, facts: Mapping[str, list[tuple[Fold, dict[str, Any]]]]) -> None:
    fits = ((key, fold.repeat, fold.fold, told) for key, cell in facts.items() for fold, told in cell)
    write_table(results / "histories.parquet", history_table(fits))
    write_table(
        results / "layers.parquet",
        layer_table((key, [told for _, told in cell]) for key, cell in facts.items()),
    )


def rebuild_metrics(run_dir: Path, metrics: Sequence[str], workers: Workers) -> None:
    """Compute ``results/metrics.parquet`` anew from the stored predictions alone."""
    tables = {name: read_table(run_dir, name) for name in ("cells", "predictions", "classes")}
    measured = compute_metrics(
        tables["cells"].to_pandas(),
        tables["predictions"],
        tables["classes"].to_pandas(),
        tuple(metrics),
        workers,
    )
    write_table(run_dir / "results" / "metrics.parquet", pa.Table.from_pandas(measured, preserve_index=False))


def read_table(run_dir: Path, name: str) -> pa.Table:
    """Read a result table.

    Raises
    ------
    RunDirectoryError
        When it is missing or damaged.
    """
    path = run_dir / "results" / f"{name}.parquet"
    try:
        return pq.read_table(path)
    except FileNotFoundError:
        raise RunDirectoryError(
            f"{path}: there is no such file; is {run_dir} the directory of a finished run?"
        ) from None
    except (OSError, pa.ArrowException) as error:
        raise RunDirectoryError(f"{path}: not a readable result table ({error}).") from None


def write_table(path: Path, table: pa.Table) -> None:
    """Write a table as Parquet, whole or not at all."""
    sink = pa.BufferOutputStream()
    pq.write_table(table.replace_schema_metadata(None), sink, compression="zstd")
    write_atomically(path, sink.getvalue().to_pybytes())


def _read_cell(cell: Cell, store: Store) -> _Read | None:
    fits = []
    for fit in cell.fits:
        found = read_fit(store, fit.key)
        if found is None:
            return None
        fits.append(found)
    return _Read(cell, fits)


def _cell_row(cell: Cell, read: _Read | None, outcome: Outcome, store: Store) -> dict[str, Any]:
    failure = outcome.of_cell(cell)
    done = failure is None and read is not None
    if not done and failure is None:
        failure = Failure("its predictions are not in the store", "")
    facts = [fit[3] for fit in read.fits] if done and read else []
    shards = [store.facts("features", key) for table in cell.tables for key in table.keys] if done else []
    known = all(shard is not None for shard in shards)
    messages = {m for f in [*facts, *(s for s in shards if s)] for m in f["warnings"]}
    return {
        **cell.names,
        **cell.remarks,
        "role": cell.role,
        "key": cell.key,
        "status": "done" if done else "failed",
        "reason": None if failure is None else failure.reason,
        "n_features": facts[0]["n_features"] if done else None,
        "n_images": len(cell.setting.view.prepared.dataset),
        "n_samples": len(cell.setting.labelling.rows),
        "n_fits": len(cell.fits),
        **_precision([s for s in shards if s]),
        "seconds_extract": sum(s["seconds"] for s in shards if s) if done and known else None,
        "seconds_fit": sum(f["seconds_fit"] for f in facts) if done else None,
        "seconds_predict": sum(f["seconds_predict"] for f in facts) if done else None,
        **training_columns(facts),
        "best_params": json.dumps([_chosen(cell, f) for f in facts]) if done else None,
        "warnings": "\n".join(sorted(messages)) or None,
    }


def _precision(shards: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return in what precision networks gave features, and the least cosine with those of float32."""
    named = sorted({shard["precision"] for shard in shards if shard.get("precision")})
    measured = [shard["agreement"] for shard in shards if shard.get("agreement") is not None]
    return {"precision": ", ".join(named) or None, "precision_agreement": min(measured, default=None)}


def _chosen(cell: Cell, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a fit chose; weights that a fusion learned under the names that its members have here."""
    chosen, mixture = facts["best_params"], cell.fits[0].mixture
    if mixture is None or not chosen:
        return chosen
    return dict(zip((member.pair for member, _ in mixture.members), chosen["weights"], strict=True))


def _prediction_batches(read: _Read) -> Iterator[pa.RecordBatch]:
    cell, setting = read.cell, read.cell.setting
    samples, codes = setting.view.samples, setting.codes
    names = np.asarray(setting.labelling.classes, dtype=object)
    for fit, (rows, y_pred, proba, _) in zip(cell.fits, read.fits, strict=True):
        n, k = proba.shape
        offsets = pa.array(np.arange(0, (n + 1) * k, k), type=pa.int32())
        yield pa.record_batch(
            [
                pa.array([cell.key] * n),
                pa.array(np.full(n, fit.fold.repeat)),
                pa.array(np.full(n, fit.fold.fold)),
                pa.array(samples["sample_id"].iloc[rows].tolist(), type=pa.string()),
                pa.array(_group_names(samples, rows), type=pa.string()),
                pa.array(names[codes[rows]].tolist(), type=pa.string()),
                pa.array(names[y_pred].tolist(), type=pa.string()),
                pa.ListArray.from_arrays(offsets, pa.array(proba.ravel())),
            ],
            schema=PREDICTION_SCHEMA,
        )


def _group_names(samples: pd.DataFrame, rows: np.ndarray) -> list[str]:
    """Group of each sample; a sample without one is its own."""
    groups = samples["group"].iloc[rows]
    return groups.where(groups.notna(), samples["sample_id"].iloc[rows]).tolist()


def _fold_table(plan: Plan) -> pa.Table:
    parts = []
    for (dataset, task, protocol, preprocessing, variant), setting in plan.settings.items():
        ids = setting.view.samples["sample_id"].to_numpy(dtype=object)
        for fold in setting.folds:
            for part, rows in (("train", fold.train), ("test", fold.test)):
                place = {
                    "dataset": dataset,
                    "task": task,
                    "protocol": protocol,
                    "preprocessing": preprocessing,
                    "variant": variant,
                }
                parts.append(
                    pd.DataFrame({"sample_id": ids[rows]}).assign(
                        **place, repeat=fold.repeat, fold=fold.fold, part=part
                    )
                )
    table = pd.concat(parts, ignore_index=True)
    columns = [
        "dataset",
        "preprocessing",
        "task",
        "protocol",
        "variant",
        "repeat",
        "fold",
        "sample_id",
        "part",
    ]
    return pa.Table.from_pandas(table[columns], preserve_index=False)


def _sample_table(datasets: Sequence[Prepared]) -> pa.Table:
    parts = []
    for prepared in datasets:
        columns = ["sample_id", "label", "group", "source", "split"]
        samples = prepared.dataset.samples[columns].astype(object)
        samples = samples.where(samples.notna(), None)
        facts = prepared.facts[["width", "height", "bit_depth", "format"]]
        described = pd.concat([samples, facts], axis=1).assign(synthetic=prepared.dataset.synthetic)
        parts.append(described.assign(dataset=prepared.name))
    table = pd.concat(parts, ignore_index=True)
    text = {
        name: pa.string() for name in ("dataset", "sample_id", "label", "group", "source", "split", "format")
    }
    numbers = {name: pa.int64() for name in ("width", "height", "bit_depth")}
    schema = pa.schema([*text.items(), *numbers.items(), ("synthetic", pa.bool_())])
    return pa.Table.from_pandas(table, schema=schema, preserve_index=False)


def _class_table(plan: Plan) -> pd.DataFrame:
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    for (dataset, task, *_), setting in plan.settings.items():
        labelling = setting.labelling
        for k, name in enumerate(labelling.classes):
            members = labelling.y == k
            row = {
                "dataset": dataset,
                "task": task,
                "class": name,
                "position": k,
                "positive": labelling.positive == k,
                "n_samples": int(members.sum()),
                "n_groups": len(np.unique(setting.groups[labelling.rows[members]])),
            }
            rows.setdefault((dataset, task, name), row)
    return pd.DataFrame(rows.values())
