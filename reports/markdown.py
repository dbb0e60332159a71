"""Tables as Markdown (GitHub's pipe tables); every text is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable

from reports.presentation import Entry, Row, Table

__all__ = ["document", "escape", "table_to_markdown"]


def escape(text: str) -> str:
    r"""Make any text inert in Markdown and in the HTML that it may hold.

    Examples
    --------
    >>> print(escape("a_b | <b>*x*</b> [l](http://h)"))
    a\_b \| &lt;b&gt;\*x\*&lt;/b&gt; \[l\]\(http\://h\)
    """
    text = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_{}\[\]()#|~$!:@])", r"\\\1", text)


def table_to_markdown(table: Table) -> str:
    """Write a caption in bold, a pipe table and its notes; the best values are bold."""
    width = len(table.columns) + 1
    marks = ["---"] + ["---" if table.words else ":---:"] * len(table.columns)
    lines = [
        f"**{escape(table.caption)}**",
        "",
        _line([escape(heading) for heading in (table.corner, *table.columns)]),
        _line(marks),
        *(_line(_row(row, width)) for row in table.rows),
    ]
    lines += [part for note in table.notes for part in ("", escape(note))]
    return "\n".join(lines) + "\n"


def _line(texts: Iterable[str]) -> str:
    return f"| {' | '.join(texts)} |"


def _row(row: Row, width: int) -> list[str]:
    if row.is_heading:
        return [f"*{escape(row.label)}*", *[""] * (width - 1)]
    texts = [escape(row.label)]
    for entry in row.entries:
        texts += [_entry(entry), *[""] * (entry.span - 1)]
    return texts


def _entry(entry: Entry) -> str:
    text = escape(entry.line)
    if entry.best:
        text = f"**{text}**"
    return f"{text}<br><sub>{escape(entry.note)}</sub>" if entry.note else text


def document(title: str, tables: Iterable[Table]) -> str:
    """Write all tables below a title."""
    return "\n".join([f"# {escape(title)}", "", *(table_to_markdown(table) for table in tables)])
