"""What can be wrong with the rows of a manifest, each problem with the number of its row."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

import pandas as pd

__all__ = ["RowProblem", "empty_cells", "repeated_images", "repeated_values", "with_rows"]

RowProblem = tuple[int, str]


def with_rows(column: pd.Series) -> Iterable[tuple[int, str]]:
    """Yield row number and value of every cell that is not empty."""
    known = column.dropna()
    return zip(known.index.tolist(), known.tolist(), strict=True)


def empty_cells(column: pd.Series, meaning: str) -> list[RowProblem]:
    """Return the rows in which a column is empty."""
    return [
        (row, f"the {meaning} is missing (column {column.name!r}).") for row in column.index[column.isna()]
    ]


def repeated_values(column: pd.Series) -> list[RowProblem]:
    """Return the rows whose value was there before.

    Examples
    --------
    >>> repeated_values(pd.Series(["a", "b", "a"], index=[2, 3, 4], name="id"))
    [(4, "id 'a' is that of row 2 already.")]
    """
    first: dict[str, int] = {}
    found = []
    for row, value in with_rows(column):
        if first.setdefault(value, row) != row:
            found.append((row, f"{column.name} {value!r} is that of row {first[value]} already."))
    return found


def repeated_images(table: pd.DataFrame, image: str, label: str) -> list[RowProblem]:
    """Return the rows whose image was named before, and how the two rows differ.

    Examples
    --------
    >>> table = pd.DataFrame({"path": ["a.png", "./a.png"], "label": ["covid", "normal"]}, index=[2, 3])
    >>> repeated_images(table, "path", "label")
    [(3, "names the image of row 2 under another label ('covid' and 'normal').")]
    """
    first: dict[str, int] = {}
    found = []
    for row, path in with_rows(table[image]):
        earlier = first.setdefault(PurePosixPath(path).as_posix(), row)
        if earlier != row:
            found.append((row, _difference(table.loc[[earlier, row]], label, earlier)))
    return found


def _difference(pair: pd.DataFrame, label: str, earlier: int) -> str:
    if pair.duplicated().any():
        return f"repeats row {earlier}."
    before, now = pair[label].tolist()
    if before != now and not pair[label].isna().any():
        return f"names the image of row {earlier} under another label ({before!r} and {now!r})."
    return f"names the image of row {earlier} again."
