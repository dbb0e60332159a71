"""What a trained network looks at: computed beside a fit's predictions, an artifact of its own."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from suite.content_key import array_digest, content_key
from suite.datasets._dataset import ImageReference
from suite.heat_maps import RelativeBox, gallery, heat_picture, inside, thumbnail
from suite.plan import INNER, Cell, Fit
from suite.preprocessing import Preprocessing
from suite.store import Store
from suite.views import View

__all__ = ["ExplanationUnit", "explain_fit", "explanation_of", "explanation_problem", "is_explained"]

VERSION = 1  # raised whenever heat maps, shares or the choice of images change
AT_A_TIME = 32
SCHEMA = pa.schema(
    [
        ("row", pa.int64()),  # among the test rows
        ("kind", pa.string()),
        ("share_inside", pa.float64()),
        ("area_inside", pa.float64()),
        ("boxes", pa.list_(pa.list_(pa.float64()))),
        ("thumbnail", pa.binary()),
        ("heat", pa.binary()),
    ]
)


@dataclass(frozen=True, eq=False)
class ExplanationUnit:
    """What is to be explained of one fit, once its predictions are there.

    Attributes
    ----------
    key : str
        Of its artifact: the fit, the boxes and the true classes decide it; the fit's own key knows no boxes.
    y_test : ndarray of int, shape (n,)
        Class positions of the test rows, to tell right from wrong.
    images : tuple of ImageReference
        The image of each test row, read where the classifier was not given images.
    positions : ndarray of int, shape (n,)
        Which of the images that preprocessing makes of it.
    boxes : tuple of tuple
        Of each test row; empty where there are none, or preprocessing moves them.
    """

    key: str
    y_test: np.ndarray
    images: tuple[ImageReference, ...]
    positions: np.ndarray
    preprocessing: Preprocessing
    boxes: tuple[tuple[RelativeBox, ...], ...]

    def read(self, row: int) -> np.ndarray:
        """Read the image of a test row and preprocess it."""
        return self.preprocessing.apply(self.images[row].read())[self.positions[row]][1]


def is_explained(cell: Cell) -> bool:
    """Tell whether a cell's classifier explains its predictions (has ``explain``); no fusion does.

    Fits in the inner folds of a fusion are shown to nobody.
    """
    if cell.role == INNER or any(fit.mixture for fit in cell.fits):
        return False
    plugin = cell.registry.load("classifiers", cell.classifier.type)
    return callable(getattr(plugin, "explain", None))


def explanation_of(cell: Cell, fit: Fit) -> ExplanationUnit | None:
    """Return what is to be explained of a fit; None if its classifier explains nothing."""
    if not is_explained(cell):
        return None
    view, rows = cell.setting.view, fit.fold.test
    boxes, y_test = _boxes(view, rows), cell.setting.codes[rows]
    image_rows = view.image_rows[rows]
    images = view.prepared.dataset.images
    return ExplanationUnit(
        key=content_key("heat", VERSION, fit.key, boxes, array_digest(y_test)),
        y_test=y_test,
        images=tuple(images[row] for row in image_rows),
        positions=rows - np.searchsorted(view.image_rows, image_rows),
        preprocessing=view.preprocessing,
        boxes=boxes,
    )


def explanation_problem(view: View) -> str:
    """Say why no share of heat inside boxes is computed; empty if there are boxes and they fit.

    The places of boxes are known as parts of the whole image; a step that cuts or pads moves them.
    """
    if view.prepared.dataset.boxes is None:
        return "the dataset has no boxes"
    step = view.preprocessing.moves_places
    return "" if step is None else f"{step} moves what the boxes are around"


def _boxes(view: View, rows: np.ndarray) -> tuple[tuple[RelativeBox, ...], ...]:
    boxes = view.prepared.dataset.boxes
    if boxes is None or explanation_problem(view):
        return ((),) * len(rows)
    sizes = view.prepared.facts[["width", "height"]].to_numpy(dtype=int)
    clipped = ([box.within(*sizes[row].tolist()) for box in boxes[row]] for row in view.image_rows[rows])
    return tuple(tuple(box for box in found if box is not None) for found in clipped)


def explain_fit(
    unit: ExplanationUnit,
    store: Store,
    classifier: Any,
    images: np.ndarray | None,
    y_pred: np.ndarray,
    proba: np.ndarray,
) -> None:
    """Explain a fit's predictions and store the result; what fails is stored as its reason.

    Parameters
    ----------
    unit : ExplanationUnit
        What to explain.
    store : Store
        Where it is kept, as ``heat``.
    classifier : object
        The fitted one.
    images : ndarray of shape (n, H, W), or None
        Test images; None: the classifier was given features, so they are read.
    y_pred, proba : ndarray of shape (n,), (n, k)
        What it predicted.
    """
    start = time.perf_counter()
    read = unit.read if images is None else images.__getitem__
    rows: list[dict[str, Any]] = []
    reason, details = "", ""
    try:
        rows = list(_explained(unit, classifier, read, y_pred, proba.max(axis=1)))
    except Exception as error:  # the predictions are good without
        reason, details = str(error) or type(error).__name__, traceback.format_exc()
    facts = {"seconds_explain": time.perf_counter() - start, "reason": reason, "details": details}
    store.write("heat", unit.key, pa.Table.from_pylist(rows, schema=SCHEMA), facts)


def _explained(
    unit: ExplanationUnit,
    classifier: Any,
    read: Callable[[int], np.ndarray],
    y_pred: np.ndarray,
    probability: np.ndarray,
) -> Iterator[dict[str, Any]]:
    shown = gallery(unit.y_test, y_pred, probability)
    wanted = sorted(shown.keys() | {row for row, boxes in enumerate(unit.boxes) if boxes})
    for start in range(0, len(wanted), AT_A_TIME):
        part = wanted[start : start + AT_A_TIME]
        pictures = [read(row) for row in part]
        maps = classifier.explain(pictures, y_pred[part])
        for row, picture, heat in zip(part, pictures, maps, strict=True):
            pair = (thumbnail(picture), heat_picture(heat)) if row in shown else None
            yield _row(row, shown.get(row, ""), heat, unit.boxes[row], pair)


def _row(
    row: int,
    kind: str,
    heat: np.ndarray,
    boxes: Sequence[RelativeBox],
    pair: tuple[np.ndarray, np.ndarray] | None,
) -> dict[str, Any]:
    """Return one row of the artifact; a map without any heat has no share."""
    within = inside(boxes, *heat.shape) if boxes else None
    total = float(heat.sum(dtype=np.float64))
    return {
        "row": row,
        "kind": kind,
        "share_inside": None
        if within is None or total == 0
        else float(heat[within].sum(dtype=np.float64) / total),
        "area_inside": None if within is None else float(within.mean()),
        "boxes": [list(box) for box in boxes],
        "thumbnail": pair and pair[0].tobytes(),
        "heat": pair and pair[1].tobytes(),
    }
