"""What a table looks like before it is HTML, LaTeX or Markdown: rows of entries, all plain text.

Nothing here is escaped; each format escapes every text itself.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from reports.tables import DIGITS

__all__ = ["ABSENT", "Entry", "Row", "Table", "count", "number", "plain", "signed", "slug", "unique_slugs"]

ABSENT = "–"
LONGEST_SLUG = 60

Kind = Literal["value", "plain", "failed", "absent", "undefined"]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One cell of a table.

    Attributes
    ----------
    text : str
        What is read first, e.g. the mean.
    spread : str
        What follows it, e.g. ``± 0.031``.
    note : str
        A second, small line, e.g. the interval.
    best : bool
        Whether it is set in bold.
    heat : float or None
        From 0 (worst) to 1 (best); None: not coloured.
    kind : str
        ``value`` (a number), ``plain`` (words), ``failed``, ``absent`` or ``undefined``.
    span : int
        Number of columns that it takes.
    """

    text: str
    spread: str = ""
    note: str = ""
    best: bool = False
    heat: float | None = None
    kind: Kind = "value"
    span: int = 1

    @property
    def line(self) -> str:
        """Text and spread on one line."""
        return f"{self.text} {self.spread}".rstrip()


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row: its label, its entries; or, without entries, a heading within the table.

    One that is ``apart`` shows a single cell, of which the columns' headings say nothing.
    """

    label: str
    entries: tuple[Entry, ...] = ()
    note: str = ""
    baseline: bool = False
    apart: bool = False

    @property
    def is_heading(self) -> bool:
        """Whether the row is a heading."""
        return not self.entries


@dataclass(frozen=True, kw_only=True, eq=False)
class Table:
    """A table of the report.

    Attributes
    ----------
    name : str
        Name of its files, without suffix.
    caption : str
        One sentence; where the report names things, as plain text.
    corner : str
        Heading of the labels' column.
    columns : tuple of str
        Headings of the other columns.
    rows : tuple of Row
        Its rows.
    frame : DataFrame
        The same as data, for CSV.
    notes : tuple of str
        Sentences below the table.
    words : bool
        Whether entries are words, set flush left.
    """

    name: str
    caption: str
    corner: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    frame: pd.DataFrame = field(repr=False)
    notes: tuple[str, ...] = ()
    words: bool = False


def number(value: float, digits: int = DIGITS) -> str:
    """Write a number with a fixed number of decimals and a true minus sign; NaN as ``–``.

    Examples
    --------
    >>> number(0.76849), number(-0.5, 2), number(float("nan"))
    ('0.768', '−0.50', '–')
    """
    if math.isnan(value):
        return ABSENT
    return f"{value:.{digits}f}".replace("-", "−")


def signed(value: float) -> str:
    """Write a difference with its sign.

    Examples
    --------
    >>> signed(0.0214), signed(-0.0007), signed(0.0001)
    ('+0.021', '−0.001', '±0.000')
    """
    if math.isnan(value):
        return ABSENT
    text = number(abs(value))
    if float(text) == 0:
        return f"±{text}"
    return f"{'+' if value > 0 else '−'}{text}"


def plain(value: float) -> str:
    """Write a quantity with three significant digits, for times and sizes.

    Examples
    --------
    >>> plain(0.012345), plain(12.3456), plain(1234.5), plain(0.0), plain(float("nan"))
    ('0.0123', '12.3', '1,234', '0', '–')
    """
    if pd.isna(value):
        return ABSENT
    if value == 0:
        return "0"
    decimals = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{decimals}f}".replace("-", "−")


def count(value: float) -> str:
    """Write a whole number with thousands separated; nothing known as ``–``.

    Examples
    --------
    >>> count(1640), count(float("nan"))
    ('1,640', '–')
    """
    return ABSENT if pd.isna(value) else f"{int(value):,}"


def slug(*parts: str) -> str:
    r"""Make a name for files and anchors of any text: ASCII letters, digits, ``_`` and ``-`` only.

    Examples
    --------
    >>> slug("Café", r"\input{/etc/passwd}", "kfold10")
    'cafe-input-etc-passwd-kfold10'
    >>> slug("你好")
    'x'
    """
    ascii_only = unicodedata.normalize("NFKD", "-".join(parts)).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9_]+", "-", ascii_only.lower()).strip("-_")
    return words[:LONGEST_SLUG].strip("-_") or "x"


def unique_slugs(keys: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], str]:
    """Give each key a slug of its own, numbered where two would be the same.

    Examples
    --------
    >>> unique_slugs([("a b",), ("a/b",)])
    {('a b',): 'a-b', ('a/b',): 'a-b-2'}
    """
    slugs: dict[tuple[str, ...], str] = {}
    for key in keys:
        base = candidate = slug(*key)
        repeat = 2
        while candidate in slugs.values():
            candidate = f"{base}-{repeat}"
            repeat += 1
        slugs[key] = candidate
    return slugs
