"""Heat maps in numbers and small pictures: which are shown, how much of one lies inside boxes."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

__all__ = ["HEAT", "THUMBNAIL", "RelativeBox", "gallery", "heat_picture", "inside", "png", "thumbnail"]

HEAT, THUMBNAIL = 64, 128  # pixels of a stored map's and of a stored image's side
PER_CLASS = 2  # images of a fold, of each class: so many that are right, and so many that are wrong

RelativeBox = tuple[float, float, float, float]
"""Left, top, right and bottom, as parts of an image's width and height."""


def gallery(y_true: np.ndarray, y_pred: np.ndarray, probability: np.ndarray) -> dict[int, str]:
    """Choose the images to show: of each true class the most confident right and wrong ones.

    Parameters
    ----------
    y_true, y_pred : ndarray of int, shape (n,)
        Classes.
    probability : ndarray of float, shape (n,)
        Of the predicted class.

    Returns
    -------
    dict
        Position to ``right`` or ``wrong``; two of each kind and class at most.

    Examples
    --------
    >>> gallery(np.array([0, 0, 0, 0, 1]), np.array([0, 0, 0, 1, 1]), np.array([0.7, 0.9, 0.8, 0.6, 0.5]))
    {1: 'right', 2: 'right', 3: 'wrong', 4: 'right'}
    """
    order = np.argsort(-probability, kind="stable")
    chosen: dict[int, str] = {}
    for label in np.unique(y_true):
        for kind, fits in (("right", y_pred == y_true), ("wrong", y_pred != y_true)):
            members = order[(fits & (y_true == label))[order]][:PER_CLASS]
            chosen |= dict.fromkeys(members.tolist(), kind)
    return chosen


def inside(boxes: Sequence[RelativeBox], height: int, width: int) -> np.ndarray:
    """Tell which pixels have their centre in one of the boxes.

    Returns
    -------
    ndarray of bool, shape (height, width)

    Examples
    --------
    >>> inside([(0, 0, 0.5, 0.5), (0.25, 0.25, 0.5, 1)], 4, 4).astype(int)
    array([[1, 1, 0, 0],
           [1, 1, 0, 0],
           [0, 1, 0, 0],
           [0, 1, 0, 0]])
    """
    x, y = (np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height
    found = np.zeros((height, width), dtype=bool)
    for left, top, right, bottom in boxes:
        found |= ((top <= y) & (y < bottom))[:, None] & ((left <= x) & (x < right))
    return found


def thumbnail(image: np.ndarray) -> np.ndarray:
    """Make a small square picture of an image: its smallest value black, its largest white.

    Parameters
    ----------
    image : ndarray or MaskedArray of shape (H, W)
        What is masked becomes black.

    Returns
    -------
    ndarray of uint8, shape (128, 128)
    """
    values = np.ma.filled(np.ma.asarray(image).astype(np.float64), np.nan)
    low, high = np.nanmin(values), np.nanmax(values)
    scaled = np.nan_to_num((values - low) / (high - low)) if high > low else np.zeros(values.shape)
    return _resized(scaled, THUMBNAIL)


def heat_picture(heat: np.ndarray) -> np.ndarray:
    """Make a small picture of a heat map: 255 where it is hottest; all 0 if there is no heat.

    Returns
    -------
    ndarray of uint8, shape (64, 64)
    """
    most = heat.max()
    return _resized(heat / most if most > 0 else heat, HEAT)


def _resized(values: np.ndarray, side: int) -> np.ndarray:
    picture = Image.fromarray(values.astype(np.float32)).resize((side, side), Image.Resampling.BILINEAR)
    return np.rint(np.clip(np.asarray(picture), 0, 1) * 255).astype(np.uint8)


def png(pixels: bytes) -> bytes:
    """Write a square picture of gray values as PNG.

    Examples
    --------
    >>> png(bytes(64 * 64))[1:4]
    b'PNG'
    """
    side = round(len(pixels) ** 0.5)
    sink = io.BytesIO()
    Image.frombytes("L", (side, side), pixels).save(sink, "PNG", optimize=True)
    return sink.getvalue()
