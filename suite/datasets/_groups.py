"""Which samples belong together."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

__all__ = ["connected_groups"]


def connected_groups(columns: pd.DataFrame, sample_ids: pd.Series) -> pd.Series:
    """Join all samples that share a value in any column, directly or through others.

    Parameters
    ----------
    columns : DataFrame
        At least one column; an empty cell links to nothing.
    sample_ids : Series
        Names of the samples, aligned with ``columns``.

    Returns
    -------
    Series of str
        The name of each sample's group: its smallest value in the first column that has one (with that
        column's name, unless it is the first of all), or ``sample=…`` if every cell is empty.

    Examples
    --------
    >>> columns = pd.DataFrame({"patient": ["p1", "p2", "p3", None], "copy": ["a", "a", None, None]})
    >>> connected_groups(columns, pd.Series(["s0", "s1", "s2", "s3"])).tolist()
    ['p1', 'p1', 'p3', 'sample=s3']
    """
    component = pd.Series(_components(columns), index=columns.index)
    names = pd.Series(pd.NA, index=columns.index, dtype="str")
    for position, name in enumerate(columns):
        smallest = columns[name].dropna().groupby(component).min()
        known = component.map(smallest)
        names = names.fillna(known if position == 0 else f"{name}=" + known)
    return names.fillna("sample=" + sample_ids.astype("str"))


def _components(columns: pd.DataFrame) -> np.ndarray:
    """Find the connected components of the graph whose nodes are the samples and the values."""
    rows, values, nodes = [], [], len(columns)
    for name in columns:
        codes, uniques = pd.factorize(columns[name])
        linked = np.flatnonzero(codes >= 0)
        rows.append(linked)
        values.append(codes[linked] + nodes)
        nodes += len(uniques)
    edges = (np.concatenate(rows), np.concatenate(values))
    graph = coo_array((np.ones(len(edges[0]), dtype=np.int8), edges), shape=(nodes, nodes))
    return connected_components(graph, directed=False)[1][: len(columns)]
