r"""Tables as LaTeX: booktabs, to be read with ``\input``; every text is escaped."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from reports.presentation import Entry, Row, Table

__all__ = ["document", "escape", "table_to_latex"]

LINES_A_PAGE = 36
COLUMNS_A_PAGE = 8
FLOATS_BETWEEN_PAGES = 12

HEAD = r"""% Needs \usepackage{booktabs} and \usepackage{graphicx}.
"""

SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "%": r"\%", "#": r"\#",
    "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}",
    ">": r"\textgreater{}", "|": r"\textbar{}", '"': "''", "`": r"\`{}",
    "[": "{[}", "]": "{]}", "*": "{*}", "-": "{-}", "–": "--", "—": "---",
    "−": r"$-$", "±": r"$\pm$", "×": r"$\times$",
    "·": r"$\cdot$", "≥": r"$\geq$", "≤": r"$\leq$", "≠": r"$\neq$", "≡": r"$\equiv$", "∞": r"$\infty$",
    "→": r"$\rightarrow$", "…": r"\ldots{}", "°": r"$^\circ$", "µ": r"$\mu$", "“": "``", "”": "''",
    "‘": "`", "’": "'", "†": r"$\dagger$", "²": "$^2$", "³": "$^3$", "ß": r"{\ss}", "æ": r"{\ae}",
    "Æ": r"{\AE}", "ø": r"{\o}", "Ø": r"{\O}", "ł": r"{\l}", "Ł": r"{\L}", "œ": r"{\oe}", "Œ": r"{\OE}",
    "ı": r"{\i}",
}  # fmt: skip

GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "η": "eta", "θ": "theta",
    "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma",
    "τ": "tau", "φ": "varphi", "χ": "chi", "ψ": "psi", "ω": "omega", "Γ": "Gamma", "Δ": "Delta",
    "Θ": "Theta", "Λ": "Lambda", "Π": "Pi", "Σ": "Sigma", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega",
}  # fmt: skip

ACCENTS = {
    "\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0304": "=", "\u0306": "u", "\u0307": ".",
    "\u0308": '"', "\u030a": "r", "\u030b": "H", "\u030c": "v", "\u0323": "d", "\u0327": "c",
}  # fmt: skip


def escape(text: str) -> str:
    r"""Make any text inert in LaTeX, whatever the engine and the fonts.

    Accented letters become accent commands; a character that plain LaTeX cannot set is named by its
    code point.

    Examples
    --------
    >>> print(escape(r"50% of a_b & \input{x}"))
    50\% of a\_b \& \textbackslash{}input\{x\}
    >>> print(escape("Müller, Erdős, 你"))
    M{\"u}ller, Erd{\H o}s, {[}U+4F60{]}
    """
    return "".join(_escape_character(character) for character in " ".join(text.split()))


def _escape_character(character: str) -> str:
    if character in SPECIAL:
        return SPECIAL[character]
    if character in GREEK:
        return rf"$\{GREEK[character]}$"
    if character.isascii() and character.isprintable():
        return character
    letter, *accent = list(unicodedata.normalize("NFD", character))
    if letter.isascii() and letter.isalpha() and len(accent) == 1 and accent[0] in ACCENTS:
        command = ACCENTS[accent[0]]
        base = rf"\{letter} " if letter in "ij" else letter
        return rf"{{\{command} {base}}}" if command.isalpha() else rf"{{\{command}{base}}}"
    return f"{{[}}U+{ord(character):04X}{{]}}"


def table_to_latex(table: Table) -> str:
    """Write a table as one or more floats, each of at most 36 lines and 8 columns.

    The best values are bold, a wide table is scaled down to the width of the line.
    """
    floats = [
        _float(narrow, rows, part)
        for part, (narrow, rows) in enumerate(
            (narrow, rows) for narrow in _narrow(table) for rows in _chunks(narrow.rows)
        )
    ]
    return HEAD + "\n".join(floats)


def _narrow(table: Table) -> Iterator[Table]:
    """Cut a table of many columns into tables of as equal width as can be."""
    n_parts = max(1, -(-len(table.columns) // COLUMNS_A_PAGE))
    bounds = [round(part * len(table.columns) / n_parts) for part in range(n_parts + 1)]
    for start, stop in pairwise(bounds):
        rows = tuple(replace(row, entries=_cut(row.entries, start, stop)) for row in table.rows)
        yield replace(table, columns=table.columns[start:stop], rows=rows)


def _cut(entries: tuple[Entry, ...], start: int, stop: int) -> tuple[Entry, ...]:
    if any(entry.span > 1 for entry in entries):
        return tuple(replace(entry, span=stop - start) for entry in entries)
    return entries[start:stop]


def _chunks(rows: tuple[Row, ...]) -> Iterator[tuple[Row, ...]]:
    """Cut rows into pages; a heading stays with the row below it."""
    page: list[Row] = []
    height = 0.0
    for row in rows:
        needed = _height(row)
        room = LINES_A_PAGE - 2 if row.is_heading else LINES_A_PAGE
        if page and height + needed > room:
            yield tuple(page)
            page, height = [], 0.0
        page.append(row)
        height += needed
    yield tuple(page)


def _height(row: Row) -> float:
    return 1.8 if any(entry.note for entry in row.entries) else 1.0


def _float(table: Table, rows: tuple[Row, ...], part: int) -> str:
    alignment = "l" + ("l" if table.words else "c") * len(table.columns)
    caption = escape(" ".join([table.caption, *table.notes])) if part == 0 else "(continued)"
    label = "" if part else f"\\label{{tab:{table.name}}}\n"
    counter = "" if part == 0 else "\\addtocounter{table}{-1}\n"
    return (
        "\\begin{table}[htbp]\n\\centering\n\\renewcommand{\\arraystretch}{1.15}\n"
        f"{counter}\\caption{{{caption}}}\n{label}\\vspace{{0.4em}}\n"
        "\\resizebox{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}{!}{%\n"
        f"\\begin{{tabular}}{{{alignment}}}\n\\toprule\n"
        f"{_headings(table)}\\midrule\n{''.join(_rows(table, rows))}\\bottomrule\n"
        "\\end{tabular}}\n\\end{table}\n"
    )


def _headings(table: Table) -> str:
    return " & ".join(escape(heading) for heading in (table.corner, *table.columns)) + r" \\" + "\n"


def _rows(table: Table, rows: Iterable[Row]) -> Iterator[str]:
    was_baseline = False
    for position, row in enumerate(rows):
        if row.is_heading:
            space = "\\addlinespace\n" if position else ""
            label = rf"\textit{{{escape(row.label)}}}"
            yield f"{space}\\multicolumn{{{len(table.columns) + 1}}}{{l}}{{{label}}} \\\\\n"
            continue
        if row.baseline and not was_baseline and position:
            yield "\\midrule\n"
        was_baseline = row.baseline
        yield " & ".join([escape(row.label), *(_entry(entry) for entry in row.entries)]) + " \\\\\n"


def _entry(entry: Entry) -> str:
    text = escape(entry.line)
    if entry.best:
        text = rf"\textbf{{{text}}}"
    elif entry.kind in ("failed", "undefined"):
        text = rf"\textit{{{text}}}"
    if entry.note:
        note = rf"{{\scriptsize {escape(entry.note)}}}"
        text = rf"\begin{{tabular}}[c]{{@{{}}c@{{}}}}{text}\\[-2pt]{note}\end{{tabular}}"
    return rf"\multicolumn{{{entry.span}}}{{l}}{{{text}}}" if entry.span > 1 else text


Part = tuple[str, Sequence[str], Mapping[str, str]]


def document(title: str, parts: Iterable[Part]) -> str:
    """Write a document that reads tables and figures in and compiles as it is.

    Parameters
    ----------
    title : str
        Title of the report.
    parts : iterable of tuple
        Heading of a section; names of its tables' files in ``tables/``; captions of its figures by the names
        of their files in ``figures/``; all names without suffix.
    """
    body = "\n".join(line for part in parts for line in _part(*part))
    return (
        "\\documentclass[a4paper,11pt]{article}\n\\usepackage[T1]{fontenc}\n\\usepackage{lmodern}\n"
        "\\usepackage[margin=2.2cm]{geometry}\n\\usepackage{booktabs}\n\\usepackage{graphicx}\n"
        "\\renewcommand{\\topfraction}{0.9}\n\\renewcommand{\\floatpagefraction}{0.8}\n"
        f"\\title{{{escape(title)}}}\n\\date{{}}\n\\begin{{document}}\n\\maketitle\n{body}\n\\end{{document}}\n"
    )


def _part(heading: str, tables: Sequence[str], figures: Mapping[str, str]) -> Iterator[str]:
    yield rf"\section{{{escape(heading)}}}"
    floats = [rf"\input{{tables/{name}}}" for name in tables]
    floats += [_figure(name, caption) for name, caption in figures.items()]
    for position, text in enumerate(floats, 1):
        yield text
        if position % FLOATS_BETWEEN_PAGES == 0:
            yield r"\clearpage"
    yield r"\clearpage"


def _figure(name: str, caption: str) -> str:
    """Include a figure at its own size, or scaled down to the width of the line and part of the page."""
    path = f"figures/{name}"
    return (
        "\\begin{figure}[htbp]\n\\centering\n"
        f"\\sbox0{{\\includegraphics{{{path}}}}}%\n"
        "\\includegraphics[width=\\ifdim\\wd0>\\linewidth\\linewidth\\else\\wd0\\fi,"
        f"height=0.45\\textheight,keepaspectratio]{{{path}}}\n"
        f"\\caption{{{escape(caption)}}}\n\\end{{figure}}"
    )
