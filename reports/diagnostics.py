"""What went wrong or was remarked while cells were computed, and what tuning chose."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pandas as pd

from reports.entries import cell_label, is_fusion
from reports.presentation import Entry, Row, Table, count, number
from reports.tables import records

__all__ = ["chosen_parameters", "failures", "raised_warnings"]

SHOWN = 3


def _label(row: Any, cells: pd.DataFrame) -> str:
    return cell_label(row, cells.loc[cells["role"] == "cell", "preprocessing"].nunique() > 1)


def _where(row: Any) -> str:
    return " · ".join(map(str, (row.dataset, row.task, row.protocol)))


def _words(*texts: str) -> tuple[Entry, ...]:
    return tuple(Entry(text=text, kind="plain") for text in texts)


def failures(cells: pd.DataFrame, *, name: str) -> Table | None:
    """List failed cells with their reasons; None if there are none."""
    failed = cells[cells["status"] == "failed"]
    rows = [
        Row(label=_label(row, cells), entries=_words(_where(row), str(row.reason))) for row in records(failed)
    ]
    if not rows:
        return None
    return Table(
        name=name,
        caption="Failed cells.",
        corner="extractor + classifier",
        columns=("comparison", "reason"),
        rows=tuple(rows),
        frame=failed.drop(columns=["key", "warnings", "best_params"]),
        words=True,
    )


def raised_warnings(cells: pd.DataFrame, *, name: str) -> Table | None:
    """List each warning that was raised, with the cells that raised it; None if there are none.

    ``warnings`` holds a cell's messages, one a line.
    """
    raised: dict[str, list[str]] = {}
    for row in records(cells[cells["warnings"].notna()]):
        for message in str(row.warnings).splitlines():
            raised.setdefault(message, []).append(f"{_label(row, cells)} ({_where(row)})")
    if not raised:
        return None
    rows = []
    for message, labels in raised.items():
        more = f", and {len(labels) - SHOWN} more" if len(labels) > SHOWN else ""
        rows.append(Row(label=message, entries=_words(count(len(labels)), ", ".join(labels[:SHOWN]) + more)))
    pairs = [(message, label) for message, labels in raised.items() for label in labels]
    return Table(
        name=name,
        caption="Warnings raised while cells were computed.",
        corner="warning",
        columns=("cells", "which"),
        rows=tuple(rows),
        frame=pd.DataFrame(pairs, columns=["warning", "cell"]),
        words=True,
    )


def chosen_parameters(cells: pd.DataFrame, *, name: str) -> Table | None:
    """List what tuning chose in the folds of each cell; None if nothing was tuned.

    ``best_params`` is JSON: a list with the chosen parameters of each fold.
    """
    rows, data, learned = [], [], False
    for row in records(cells[cells["best_params"].notna() & (cells["role"] != "ablation")]):
        folds = [parameters for parameters in json.loads(row.best_params) if parameters]
        chosen = Counter(map(_told, folds))
        if chosen:
            counted = ", ".join(f"{told} ({n}×)" for told, n in chosen.most_common())
            texts = _weights(folds) if is_fusion(row) else counted
            learned |= is_fusion(row)
            rows.append(Row(label=_label(row, cells), entries=_words(_where(row), texts)))
            data += [(_label(row, cells), _where(row), told, n) for told, n in chosen.most_common()]
    if not rows:
        return None
    return Table(
        name=name,
        caption="Parameters that tuning chose, and in how many folds"
        f"{'; of a score fusion the mean of the learned weights (lowest to highest)' * learned}.",
        corner="extractor + classifier",
        columns=("comparison", "chosen"),
        rows=tuple(rows),
        frame=pd.DataFrame(data, columns=["cell", "comparison", "chosen", "folds"]),
        words=True,
    )


def _weights(folds: list[dict[str, float]]) -> str:
    """Write the weights of a fusion's members over folds."""
    spread = {member: [weights[member] for weights in folds] for member in folds[0]}
    return ", ".join(
        f"{member} {number(sum(found) / len(found))} ({number(min(found))} to {number(max(found))})"
        for member, found in spread.items()
    )


def _told(parameters: dict[str, Any]) -> str:
    return ", ".join(f"{key} = {value}" for key, value in sorted(parameters.items()))
