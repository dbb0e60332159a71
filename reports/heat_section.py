"""The section on what networks look at: which images are shown, and how much heat lies inside boxes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from reports.data_tables import task_classes
from reports.entries import cell_label
from reports.heat_pictures import gray_image, overlay
from reports.heat_table import share_table
from reports.presentation import Table, number
from reports.run_directory import CELL
from reports.sections import Results, Section
from reports.tables import records

__all__ = ["ExplainedImage", "GalleryRow", "Heat", "HeatCell", "HeatPart", "heat"]

MOST_CELLS = 6


@dataclass(frozen=True, eq=False)
class ExplainedImage:
    """An image and where the network saw what speaks for its prediction.

    Attributes
    ----------
    sample_id, true, predicted : str
        The image, its class and the predicted one.
    probability : float
        Of the predicted class.
    share : float
        Share of heat inside its boxes; NaN where it has none.
    boxes : tuple
        Left, top, right and bottom of each, as parts of the image.
    image, heat : bytes
        Pictures as PNG.
    """

    sample_id: str
    true: str
    predicted: str
    probability: float
    share: float
    boxes: tuple[tuple[float, ...], ...]
    image: bytes
    heat: bytes

    @cached_property
    def pictures(self) -> tuple[np.ndarray, np.ndarray]:
        """The image in gray, and with heat laid over it."""
        image = gray_image(self.image)
        return image, overlay(image, gray_image(self.heat))

    @property
    def inside(self) -> str:
        """The share of heat inside its boxes, in words; empty where there are none."""
        return "" if math.isnan(self.share) else f"{self.share:.0%} of heat in boxes"

    @property
    def alternative(self) -> str:
        """What to say in place of the picture."""
        said = (
            f"Heat over image {self.sample_id}: of class {self.true}, predicted {self.predicted} with"
            f" probability {number(self.probability)}"
        )
        return f"{said}; {self.inside}." if self.inside else f"{said}."


@dataclass(frozen=True, eq=False)
class GalleryRow:
    """Images of one class that the network got right, or wrong."""

    label: str
    images: tuple[ExplainedImage, ...]


@dataclass(frozen=True, eq=False)
class HeatCell:
    """The gallery of one cell.

    Attributes
    ----------
    name : str
        Name of the figure's files, without suffix.
    label : str
        The cell.
    rows : tuple of GalleryRow
        Of each class those that are right, then those that are wrong.
    """

    name: str
    label: str
    rows: tuple[GalleryRow, ...]

    @property
    def boxed(self) -> bool:
        """Whether any of the images has boxes."""
        return any(image.boxes for row in self.rows for image in row.images)

    @property
    def caption(self) -> str:
        """What is seen."""
        return (
            f"{self.label}: the test images of each class that it was surest of, when right and when wrong."
        )

    @property
    def legend(self) -> str:
        """How it is to be read, for a figure that stands alone."""
        boxes = " White frames are the boxes." if self.boxed else ""
        return (
            "Beside each image, Grad-CAM of the predicted class: the brighter, the more speaks for it there;"
            f" each map has its own scale. Images as the network gets them, square.{boxes}"
        )


@dataclass(frozen=True, eq=False)
class HeatPart:
    """Explanations of the cells of one section.

    Attributes
    ----------
    slug, title : str
        Anchor; what is written above it.
    table : Table
        All cells that explain their predictions.
    shown : tuple of HeatCell
        At most six.
    note : str
        Which galleries are left out, and what is missing; empty if nothing is.
    """

    slug: str
    title: str
    table: Table
    shown: tuple[HeatCell, ...]
    note: str


@dataclass(frozen=True, eq=False)
class Heat:
    """What the networks of a run look at."""

    parts: tuple[HeatPart, ...]

    @property
    def tables(self) -> tuple[Table, ...]:
        """All tables, in order."""
        return tuple(part.table for part in self.parts)


def heat(results: Results, sections: Iterable[Section]) -> Heat | None:
    """Make the section; None if no classifier of the run explains its predictions."""
    parts = [_part(results, section) for section in sections]
    found = tuple(part for part in parts if part is not None)
    return Heat(found) if found else None


def _part(results: Results, section: Section) -> HeatPart | None:
    shares = results.run.heat_shares
    cells = section.cells[section.cells["status"] == "done"].drop_duplicates("key")
    cells = cells[CELL].merge(shares, on="key", sort=False)
    if cells.empty:
        return None
    classes, _ = task_classes(results.run.classes, cells["dataset"].iloc[0], cells["task"].iloc[0])
    labelled = [(cell_label(cell, results.headed), cell) for cell in records(cells)]
    galleries = [
        HeatCell(f"heat_{section.slug}_{position}", label, _gallery(results.run.heat, cell.key, classes))
        for position, (label, cell) in enumerate(labelled, 1)
    ]
    filled = [gallery for gallery in galleries if gallery.rows]
    left_out = (
        f"Galleries of {MOST_CELLS} of {len(filled)} cells are shown, in the order of the grid; pictures"
    )
    left_out += " of all are in results/heat.parquet."
    return HeatPart(
        slug=f"heat-{section.slug}",
        title=section.title,
        table=share_table(labelled, name=f"heat_{section.slug}", where=section.title),
        shown=tuple(filled[:MOST_CELLS]),
        note=left_out if len(filled) > MOST_CELLS else "",
    )


def _gallery(frame: pd.DataFrame, key: str, classes: Sequence[str]) -> tuple[GalleryRow, ...]:
    shown = frame[(frame["key"] == key) & (frame["kind"] != "")]
    rows = []
    for true in classes:
        for kind in ("right", "wrong"):
            members = shown[(shown["y_true"] == true) & (shown["kind"] == kind)]
            members = members.sort_values("probability", ascending=False, kind="stable")
            if len(members):
                label = f"{true}, {'predicted right' if kind == 'right' else 'predicted wrong'}"
                rows.append(GalleryRow(label, tuple(_image(row) for row in records(members))))
    return tuple(rows)


def _image(row: Any) -> ExplainedImage:
    boxes = () if row.boxes is None else tuple((*map(float, box),) for box in row.boxes)
    return ExplainedImage(
        sample_id=row.sample_id,
        true=row.y_true,
        predicted=row.y_pred,
        probability=float(row.probability),
        share=float(row.share_inside),
        boxes=boxes,
        image=row.thumbnail,
        heat=row.heat,
    )
