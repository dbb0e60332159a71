"""Which rows of a table are wanted: a filter by column values, and a sample of whole groups."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from suite.errors import DataError, Problem, did_you_mean

__all__ = ["Value", "rows_where", "sample_of_groups"]

Value = str | int | float | bool | None


def rows_where(samples: pd.DataFrame, where: Mapping[str, Value | Sequence[Value]]) -> np.ndarray:
    """Tell which rows have one of the wanted values in each of the columns.

    Parameters
    ----------
    samples : DataFrame
        Columns of text, NA where a cell is empty.
    where : mapping of str to value or list of values
        Column to wanted value(s). Numbers are compared as numbers, ``None`` stands for an empty cell.

    Returns
    -------
    ndarray of bool, shape (n_rows,)

    Raises
    ------
    DataError
        If there is no such column, or no row is left.

    Examples
    --------
    >>> samples = pd.DataFrame({"source": ["cohen", "nih", "cohen"], "day": ["3", "7", None]})
    >>> rows_where(samples, {"source": "cohen", "day": [3.0, 5]})
    array([ True, False, False])
    """
    unknown = [name for name in where if name not in samples.columns]
    if unknown:
        raise DataError([_unknown_column(name, samples) for name in unknown])
    kept = np.ones(len(samples), dtype=bool)
    for name, wanted in where.items():
        kept &= _matches(samples[name], _as_list(wanted))
    if not kept.any():
        raise DataError([Problem("where", f"none of the {len(samples)} rows fits {_written(where)}.")])
    return kept


def sample_of_groups(samples: pd.DataFrame, per_class: int, seed: int) -> np.ndarray:
    """Draw whole groups until each label has ``per_class`` samples, or as many as there are.

    Groups come in an order that depends on their names and the seed only. A group is taken if no label then
    exceeds ``per_class``, so that a label may stay below it when only large groups are left.

    Parameters
    ----------
    samples : DataFrame
        With the columns ``sample_id``, ``label`` and ``group``; a sample without a group is its own.
    per_class : int
        Most samples of one label.
    seed : int
        Another seed draws other groups.

    Returns
    -------
    ndarray of bool, shape (n_rows,)

    Raises
    ------
    DataError
        If every group of a label is larger than ``per_class``.
    """
    groups = samples["group"].fillna(samples["sample_id"])
    counts = pd.crosstab(groups, samples["label"])
    order = sorted(counts.index, key=lambda group: hashlib.blake2b(f"{seed}:{group}".encode()).digest())
    sizes = counts.loc[order].to_numpy()
    drawn = np.zeros(sizes.shape[1], dtype=int)
    taken = set()
    for group, size in zip(order, sizes, strict=True):
        if (drawn + size <= per_class).all():
            drawn += size
            taken.add(group)
    empty = [label for label, number in zip(counts.columns, drawn, strict=True) if number == 0]
    if empty:
        raise DataError([Problem("sample.per_class", _too_small(label, per_class)) for label in empty])
    return groups.isin(taken).to_numpy()


def _as_list(wanted: Value | Sequence[Value]) -> Sequence[Value]:
    if wanted is None or isinstance(wanted, (str, int, float)):
        return [wanted]
    return wanted


def _matches(column: pd.Series, wanted: Sequence[Value]) -> np.ndarray:
    found = np.zeros(len(column), dtype=bool)
    for value in wanted:
        if value is None:
            found |= column.isna().to_numpy()
        elif isinstance(value, bool):
            found |= (column.str.lower() == str(value).lower()).to_numpy(dtype=bool, na_value=False)
        elif isinstance(value, (int, float)):
            found |= (pd.to_numeric(column, errors="coerce") == value).to_numpy(dtype=bool, na_value=False)
        else:
            found |= (column == value).to_numpy(dtype=bool, na_value=False)
    return found


def _unknown_column(name: str, samples: pd.DataFrame) -> Problem:
    known = [str(column) for column in samples.columns]
    return Problem(
        f"where.{name}", f"no such column.{did_you_mean(name, known)} Columns: {', '.join(known)}."
    )


def _written(where: Mapping[str, Value | Sequence[Value]]) -> str:
    return ", ".join(f"{name} = {wanted!r}" for name, wanted in where.items())


def _too_small(label: str, per_class: int) -> str:
    return f"no whole group with label {label!r} fits into {per_class} samples; raise per_class."
