"""The report as one self-contained HTML page."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from reports.content import Content
from reports.heat_pictures import jpeg
from reports.heat_section import ExplainedImage

__all__ = ["page"]

LINKED = {"csv": ("csv", "CSV"), "latex": ("tex", "LaTeX"), "markdown": ("md", "Markdown")}
MOST_CELLS_WITH_MANY_CLASSES = 6
MANY_CLASSES = 12


def page(content: Content, figures: Mapping[str, Mapping[str, bytes]], formats: Sequence[str]) -> str:
    """Write the page; every text is escaped, nothing is loaded and nothing is executed.

    Parameters
    ----------
    content : Content
        What it shows.
    figures : mapping
        For each figure's name, SVG by theme: ``light`` and ``dark``.
    formats : sequence of str
        Formats written beside the page; tables link to their files.
    """
    environment = Environment(
        loader=PackageLoader("reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    source = environment.loader.get_source(environment, "style.css")[0] if environment.loader else ""
    images = {
        name: {theme: _data_uri(svg, "svg+xml") for theme, svg in themes.items()}
        for name, themes in figures.items()
    }
    context: dict[str, Any] = {
        "content": content,
        "run": content.run,
        "style": source,
        "figures": images,
        "links": [LINKED[name] for name in formats if name in LINKED],
        "shown_confusions": _shown_confusions(content),
        "pair": _pair,
    }
    return environment.get_template("index.html").render(context)


def _data_uri(image: bytes, kind: str) -> str:
    return f"data:image/{kind};base64," + base64.b64encode(image).decode("ascii")


def _pair(image: ExplainedImage) -> list[str]:
    return [_data_uri(jpeg(picture), "jpeg") for picture in image.pictures]


def _shown_confusions(content: Content) -> dict[str, Sequence[Any]]:
    return {
        part.slug: part.confusions[:MOST_CELLS_WITH_MANY_CLASSES]
        if part.confusions and len(part.confusions[0].classes) > MANY_CLASSES
        else part.confusions
        for part in content.sections
    }
