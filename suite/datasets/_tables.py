"""Tables that users write: CSV files in which every cell is text."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pandas as pd

from suite.datasets._paths import listed
from suite.errors import DataError, Problem, did_you_mean

__all__ = ["read_table", "require_columns", "row_name"]

SEPARATORS = (",", ";", "\t", "|")


def read_table(file: Path, separator: str | None = None, encoding: str = "utf-8") -> pd.DataFrame:
    """Read a CSV file with a header row.

    Parameters
    ----------
    file : Path
        The file; a byte order mark is tolerated, lines without any cell are skipped.
    separator : str, optional
        By default the one of comma, semicolon, tab and ``|`` that cuts the header into most columns.
    encoding : str
        Any encoding that Python knows.

    Returns
    -------
    DataFrame
        Columns of text without surrounding spaces, NA where a cell is empty. The index holds the row numbers
        that a spreadsheet shows: the header is row 1.

    Raises
    ------
    DataError
        If the file cannot be read, is empty, or rows do not fit the header.
    """
    rows = _rows(_text(file, encoding), separator, file.name)
    if not rows:
        raise DataError([Problem(file.name, "the file is empty; a header row is expected.")])
    (_, header), *body = rows
    problems = _header_problems(header, file.name)
    problems += [
        Problem(row_name(file, number), f"{len(cells)} cells, but the header has {len(header)}.")
        for number, cells in body
        if len(cells) != len(header)
    ]
    if problems:
        raise DataError(listed(problems))
    if not body:
        raise DataError([Problem(file.name, "there is a header, but no row below it.")])
    values = [[cell or None for cell in cells] for _, cells in body]
    return pd.DataFrame(values, columns=header, index=[number for number, _ in body], dtype="str")


def require_columns(table: pd.DataFrame, wanted: dict[str, str], file: Path) -> None:
    """Raise a DataError that names every option whose column is not in the table.

    Parameters
    ----------
    table : DataFrame
        The table.
    wanted : dict of str to str
        Option of the grid to name of a column.
    file : Path
        Where the table was read.
    """
    known = [str(column) for column in table.columns]
    missing = {option: name for option, name in wanted.items() if name not in known}
    if missing:
        raise DataError(
            [
                Problem(
                    file.name,
                    f"there is no column {name!r} ({option}).{did_you_mean(name, known)} "
                    f"Columns: {', '.join(known)}.",
                )
                for option, name in missing.items()
            ]
        )


def row_name(file: Path, row: object) -> str:
    """Return how messages call a row."""
    return f"{file.name}, row {row}"


def _text(file: Path, encoding: str) -> str:
    if file.is_dir():
        raise DataError([Problem(file.name, "is a folder; a CSV file is expected.")])
    try:
        text = file.read_bytes().decode(encoding)
    except UnicodeDecodeError as error:
        message = f"is not {encoding} text (byte {error.start}); save it as UTF-8, or set encoding."
        raise DataError([Problem(file.name, message)]) from None
    except LookupError:
        raise DataError([Problem("encoding", f"Python knows no encoding {encoding!r}.")]) from None
    except OSError as error:
        raise DataError([Problem(file.name, f"cannot be read: {error.strerror}.")]) from None
    return text.removeprefix("\ufeff")


def _rows(text: str, separator: str | None, name: str) -> list[tuple[int, list[str]]]:
    lines = text.splitlines(keepends=True)
    try:
        reader = csv.reader(lines, delimiter=separator or _separator(lines), strict=True)
        cells = [[cell.strip() for cell in row] for row in reader]
    except csv.Error as error:
        raise DataError([Problem(name, f"is not a CSV file: {error}.")]) from None
    return [(number, row) for number, row in enumerate(cells, start=1) if any(row)]


def _separator(lines: list[str]) -> str:
    header = next((line for line in lines if line.strip()), "")
    return max(SEPARATORS, key=lambda separator: len(next(csv.reader([header], delimiter=separator), [])))


def _header_problems(header: list[str], name: str) -> list[Problem]:
    twice = [column for column, number in Counter(header).items() if number > 1 and column]
    problems = [Problem(name, f"the column {column!r} is there more than once.") for column in twice]
    if "" in header:
        problems.append(Problem(name, f"column {header.index('') + 1} has no name."))
    return problems
