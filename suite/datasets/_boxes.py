"""Boxes around what an image should be judged by, as a table beside the images lists them."""

from __future__ import annotations

import math
from collections import defaultdict
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import pandas as pd

from suite.datasets._paths import listed
from suite.datasets._tables import read_table, require_columns, row_name
from suite.errors import DataError, Problem

__all__ = ["Box", "boxes_of", "read_boxes"]

NUMBERS = ("x", "y", "width", "height")


class Box(NamedTuple):
    """A rectangle in pixels of the image's file; x and y are those of its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    def within(self, width: int, height: int) -> tuple[float, float, float, float] | None:
        """Return (left, top, right, bottom) as parts of an image's width and height, clipped to it.

        Returns
        -------
        tuple of float or None
            None if the box lies outside the image.

        Examples
        --------
        >>> Box(10, -5, 20, 15).within(20, 20)
        (0.5, 0.0, 1.0, 0.5)
        """
        left, right = (min(max(x / width, 0.0), 1.0) for x in (self.x, self.x + self.width))
        top, bottom = (min(max(y / height, 0.0), 1.0) for y in (self.y, self.y + self.height))
        return (left, top, right, bottom) if left < right and top < bottom else None


def read_boxes(file: Path) -> dict[str, tuple[Box, ...]]:
    """Read a CSV file with the columns path, x, y, width and height; an image may have several rows.

    Raises
    ------
    DataError
        With every column that is missing, or every row whose numbers are none or whose box is empty.

    Returns
    -------
    dict
        Path of an image, as the table writes it, to its boxes.
    """
    table = read_table(file)
    require_columns(table, {name: name for name in ("path", *NUMBERS)}, file)
    problems: list[Problem] = []
    found: dict[str, list[Box]] = defaultdict(list)
    for number, path, *cells in table[["path", *NUMBERS]].itertuples():
        try:
            found[_same(path)].append(_box(cells))
        except ValueError as error:
            problems.append(Problem(row_name(file, number), str(error)))
    if problems:
        raise DataError(listed(problems))
    return {path: tuple(boxes) for path, boxes in found.items()}


def boxes_of(
    paths: pd.Series, known: pd.Series, boxes: dict[str, tuple[Box, ...]], name: str
) -> tuple[tuple[tuple[Box, ...], ...], str]:
    """Give images their boxes.

    Parameters
    ----------
    paths : Series of str
        Images that are used.
    known : Series of str
        All images of the manifest.
    boxes : dict
        See :func:`read_boxes`.
    name : str
        Name of its file, for the note.

    Returns
    -------
    tuple of tuple of Box
        Aligned with ``paths``; empty where an image has none.
    str
        How many paths with boxes are in no row of the manifest; empty if there is none.
    """
    strangers = set(boxes) - {_same(path) for path in known}
    note = f"{name}: {len(strangers)} of {len(boxes)} paths are not in the manifest and were ignored."
    return tuple(boxes.get(_same(path), ()) for path in paths), note if strangers else ""


def _same(path: Any) -> str:
    if pd.isna(path):
        raise ValueError("the path is missing.")
    return PurePosixPath(str(path)).as_posix()


def _box(cells: list[Any]) -> Box:
    try:
        box = Box(*(math.nan if pd.isna(cell) else float(str(cell)) for cell in cells))
    except ValueError:
        box = Box(*[math.nan] * len(NUMBERS))
    if not all(math.isfinite(number) for number in box):
        given = ", ".join(f"{name} {cell!r}" for name, cell in zip(NUMBERS, cells, strict=True))
        raise ValueError(f"x, y, width and height must be numbers; got {given}.")
    if box.width <= 0 or box.height <= 0:
        raise ValueError(f"the box is empty: {box.width:g} wide and {box.height:g} high.")
    return box
