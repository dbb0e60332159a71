"""Writing a report: the one place of this package that writes files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from reports import html, latex, markdown
from reports._errors import ReportError
from reports.content import Content, collect
from reports.csv_files import frame_to_csv
from reports.figures import Theme, roc_figure
from reports.heat_figures import gallery_figure
from reports.learning_figures import learning_figure
from reports.run_directory import read_run

__all__ = ["FORMATS", "build"]

FORMATS = ("html", "latex", "csv", "markdown")
MAIN_FILE = {
    "html": "index.html",
    "latex": "report.tex",
    "markdown": "report.md",
    "csv": "tables/all_metrics.csv",
}
THEMES = {"light": "", "dark": "@dark"}
OWN_FILES = ("tables/*.tex", "tables/*.csv", "tables/*.md", "figures/*.svg", "figures/*.pdf")

Drawing = Callable[[Theme, Sequence[str]], dict[str, bytes]]


def build(run_dir: Path, formats: Sequence[str] = FORMATS) -> Path:
    """Write the report of a run from its stored results alone.

    Parameters
    ----------
    run_dir : Path
        A run directory.
    formats : sequence of str
        Of ``html``, ``latex``, ``csv`` and ``markdown``.

    Returns
    -------
    Path
        The main file: ``report/index.html``, or without HTML ``report/report.tex``,
        ``report/report.md`` or ``report/tables/all_metrics.csv``. Beside it are
        ``report/tables/`` (a file for each table and format) and ``report/figures/`` (SVG and PDF).
        Files of an older report in these two folders are removed.

    Raises
    ------
    ReportError
        When a file of the run directory is missing, unreadable or foreign, a format is unknown, or
        the report cannot be written.
    """
    unknown = [name for name in formats if name not in FORMATS]
    if unknown or not formats:
        raise ReportError(
            f"report formats are some of {', '.join(FORMATS)}; not {', '.join(unknown) or 'none'}."
        )
    files = _files(collect(read_run(run_dir)), formats)
    target = Path(run_dir) / "report"
    try:
        _write(target, files)
    except OSError as error:
        raise ReportError(f"{target}: the report cannot be written: {error}") from error
    return target / next(MAIN_FILE[name] for name in MAIN_FILE if name in formats)


def _files(content: Content, formats: Sequence[str]) -> dict[str, bytes]:
    figures = _figures(content) if {"html", "latex", "markdown"} & set(formats) else {}
    files = {f"figures/{name}": image for name, image in figures.items() if "@" not in name}
    texts: dict[str, str] = {}
    if "html" in formats:
        texts["index.html"] = html.page(content, _by_theme(figures), formats)
    if "latex" in formats:
        texts |= _latex(content)
    if "markdown" in formats:
        texts |= {f"tables/{table.name}.md": markdown.table_to_markdown(table) for table in content.tables}
        texts["report.md"] = markdown.document(content.run.title, content.tables)
    if "csv" in formats:
        texts |= _csv(content)
    return files | {name: text.encode("utf-8") for name, text in texts.items()}


def _drawings(content: Content) -> Iterator[tuple[str, Drawing]]:
    """Each figure's name and what draws it."""
    for section in content.sections:
        if section.panels:
            yield f"roc_{section.slug}", partial(roc_figure, section.panels)
    for part in content.learning.parts if content.learning else ():
        yield from ((cell.name, partial(learning_figure, cell.panels)) for cell in part.shown)

    for looked_at in content.heat.parts if content.heat else ():
        yield from ((cell.name, partial(gallery_figure, cell.rows, cell.boxed)) for cell in looked_at.shown)


def _figures(content: Content) -> dict[str, bytes]:
    drawn: dict[str, bytes] = {}
    for name, draw in _drawings(content):
        light = draw("light", ("svg", "pdf"))
        drawn |= {f"{name}.{suffix}": image for suffix, image in light.items()}
        drawn[f"{name}@dark.svg"] = draw("dark", ("svg",))["svg"]
    return drawn


def _by_theme(figures: Mapping[str, bytes]) -> dict[str, dict[str, bytes]]:
    names = [name.removesuffix("@dark.svg") for name in figures if name.endswith("@dark.svg")]
    return {name: {theme: figures[f"{name}{tail}.svg"] for theme, tail in THEMES.items()} for name in names}


def _latex(content: Content) -> dict[str, str]:
    texts = {f"tables/{table.name}.tex": latex.table_to_latex(table) for table in content.tables}
    parts = [*_result_parts(content), *_learning_parts(content), *_heat_parts(content)]
    inside = {name for _, names, _ in parts for name in names}
    rest = [table.name for table in content.tables if table.name not in inside]
    parts.append(("Summary, data and versions", rest, {}))
    texts["report.tex"] = latex.document(content.run.title, parts)
    return texts


def _result_parts(content: Content) -> Iterator[latex.Part]:
    for part in content.sections:
        caption = f"Receiver operating characteristics, {part.title}, pooled over test folds."
        figures = {f"roc_{part.slug}": caption} if part.panels else {}
        yield part.title, [table.name for table in part.tables], figures


def _learning_parts(content: Content) -> Iterator[latex.Part]:
    if content.learning is None:
        return
    for part in content.learning.parts:
        figures = {cell.name: f"{cell.caption} {cell.legend}" for cell in part.shown}
        yield f"Learning curves, {part.title}", [table.name for table in part.tables], figures
    if content.learning.layers:
        yield "Layers", [table.name for table in content.learning.layers], {}


def _heat_parts(content: Content) -> Iterator[latex.Part]:
    for part in content.heat.parts if content.heat else ():
        figures = {cell.name: f"{cell.caption} {cell.legend}" for cell in part.shown}
        yield f"What the networks look at, {part.title}", [part.table.name], figures


def _csv(content: Content) -> dict[str, str]:
    frames = {table.name: table.frame for table in content.tables}
    frames |= {f"confusion_{part.slug}": part.confusion_frame for part in content.sections}
    frames["all_metrics"] = content.run.metrics.drop(columns="key")
    if content.learning:
        frames["learning_curves"] = content.learning.curves_frame
        frames["layers"] = content.learning.layers_frame
    return {f"tables/{name}.csv": frame_to_csv(frame) for name, frame in frames.items()}


def _write(target: Path, files: dict[str, bytes]) -> None:
    for folder in (target / "tables", target / "figures"):
        folder.mkdir(parents=True, exist_ok=True)
    for name, written in files.items():
        path = target / name
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        temporary.write_bytes(written)
        temporary.replace(path)
    current = {target / name for name in files}
    for pattern in OWN_FILES:
        for path in set(target.glob(pattern)) - current:
            path.unlink(missing_ok=True)
