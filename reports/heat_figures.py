"""Galleries as figures: each image beside itself with heat laid over it."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from reports.figures import INK, SETTINGS, Theme, drawable, saved
from reports.heat_section import ExplainedImage, GalleryRow
from reports.presentation import number

__all__ = ["gallery_figure"]

SIDE, GAP, BETWEEN, HEADING, WORDS = 1.05, 0.04, 0.22, 0.28, 0.34  # inches


def gallery_figure(
    rows: Sequence[GalleryRow], boxed: bool, theme: Theme, formats: Sequence[str]
) -> dict[str, bytes]:
    """Draw a gallery: a line for each class and outcome.

    Parameters
    ----------
    rows : sequence of GalleryRow
        At least one.
    boxed : bool
        Whether there are boxes, so that a second line of words is needed.
    theme, formats
        And what is returned: see :func:`reports.figures.roc_figure`.
    """
    columns = max(len(row.images) for row in rows)
    words = WORDS if boxed else WORDS / 2
    line = HEADING + SIDE + words
    width, height = columns * (2 * SIDE + GAP + BETWEEN), len(rows) * line + 0.1
    with mpl.rc_context(SETTINGS):
        figure = Figure(figsize=(width, height), facecolor=INK[theme][2])
        for position, row in enumerate(rows):
            top = height - position * line
            figure.text(
                0.005,
                (top - 0.2) / height,
                drawable(row.label, 60),
                fontsize=8.5,
                weight="bold",
                color=INK[theme][0],
            )
            for column, image in enumerate(row.images):
                x = column * (2 * SIDE + GAP + BETWEEN) + 0.02
                _pair(figure, image, (x, top - HEADING - SIDE), theme)
        return {name: saved(figure, name) for name in formats}


def _pair(figure: Figure, image: ExplainedImage, corner: tuple[float, float], theme: Theme) -> None:
    width, height = figure.get_size_inches()
    x, y = corner
    for step, picture in enumerate(image.pictures):
        left = x + step * (SIDE + GAP)
        axes = figure.add_axes((left / width, y / height, SIDE / width, SIDE / height))
        axes.imshow(picture, cmap="gray", vmin=0, vmax=255, extent=(0, 1, 1, 0), interpolation="bilinear")
        axes.set_axis_off()
        if step:
            _frame_boxes(axes, image)
    said = f"→ {image.predicted} ({number(image.probability)})"
    words = "\n".join(filter(None, (drawable(said, 36), image.inside)))
    figure.text(x / width, (y - 0.04) / height, words, fontsize=7, va="top", color=INK[theme][0])


def _frame_boxes(axes: Axes, image: ExplainedImage) -> None:
    for left, top, right, bottom in image.boxes:
        frame = (left, top), right - left, bottom - top
        axes.add_patch(Rectangle(*frame, fill=False, edgecolor="white", linewidth=0.8))
