"""Tables as CSV: numbers stay numbers, and no text is taken for a formula by a spreadsheet."""

from __future__ import annotations

import pandas as pd

__all__ = ["frame_to_csv", "neutral"]

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def neutral(value: object) -> object:
    """Put an apostrophe before a text that a spreadsheet would take for a formula; end lines with LF.

    Examples
    --------
    >>> neutral("=HYPERLINK(1)"), neutral("  +1"), neutral("glcm"), neutral(-1.5)
    ("'=HYPERLINK(1)", "'  +1", 'glcm', -1.5)
    """
    if not isinstance(value, str):
        return value
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    starts = value.startswith(FORMULA_STARTS) or value.lstrip().startswith(FORMULA_STARTS)
    return f"'{value}" if starts else value


def frame_to_csv(frame: pd.DataFrame) -> str:
    """Write a table as CSV (RFC 4180, comma, LF); undefined and absent values are empty.

    Examples
    --------
    >>> print(frame_to_csv(pd.DataFrame({"label": ["@x", "a,b"], "value": [0.5, None]})), end="")
    label,value
    '@x,0.5
    "a,b",
    """
    safe = frame.astype(object).map(neutral)
    safe.columns = [neutral(str(column)) for column in frame.columns]
    return safe.to_csv(index=False, lineterminator="\n")
