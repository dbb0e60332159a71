"""A batch of images, flattened one after another for the compiled kernels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["Batch", "batches", "make_batch"]

PIXELS_AT_ONCE = 1 << 19


@dataclass(frozen=True, kw_only=True, eq=False)
class Batch:
    """Pixels of n images.

    Attributes
    ----------
    values : ndarray of float32 or float64, flat
        Pixel values, image after image in C order.
    inside : ndarray of bool, flat
        Which of them are in the region of interest; empty if all are.
    offsets : ndarray of int64, shape (n + 1,)
        Where each image begins.
    shapes : ndarray of int64, shape (n, 3)
        Slices, rows and columns; a 2-D image has one slice.
    volumes : bool
        Whether the images have three axes.
    """

    values: np.ndarray
    inside: np.ndarray
    offsets: np.ndarray
    shapes: np.ndarray
    volumes: bool

    def __len__(self) -> int:
        return len(self.shapes)

    @property
    def regions(self) -> tuple[np.ndarray, np.ndarray]:
        """Values inside the regions alone, flat, and where those of each image begin."""
        if not self.inside.size:
            return self.values, self.offsets
        sizes = np.add.reduceat(self.inside, self.offsets[:-1], dtype=np.int64)
        return self.values[self.inside], np.concatenate([[0], np.cumsum(sizes)])


def make_batch(images: Sequence[np.ndarray]) -> Batch:
    """Flatten images of any real type and one number of axes, with or without a mask.

    Parameters
    ----------
    images : sequence of ndarray or MaskedArray of shape (H, W) or (D, H, W)
        They may differ in size. Single precision stays single if all images have it.
    """
    single = all(image.dtype == np.float32 for image in images)
    arrays = [np.ma.getdata(image) for image in images]
    values = np.concatenate(
        [array.ravel() for array in arrays], dtype=np.float32 if single else np.float64, casting="same_kind"
    )
    if any(np.ma.isMaskedArray(image) for image in images):
        inside = np.concatenate([~np.ma.getmaskarray(image).ravel() for image in images])
    else:
        inside = np.empty(0, dtype=np.bool_)
    shapes = np.array([(1,) * (3 - array.ndim) + array.shape for array in arrays], dtype=np.int64)
    offsets = np.concatenate([[0], np.cumsum(shapes.prod(axis=1))])
    return Batch(values=values, inside=inside, offsets=offsets, shapes=shapes, volumes=arrays[0].ndim == 3)


def batches(images: Sequence[np.ndarray]) -> Iterator[Batch]:
    """Cut images into batches of one precision, one number of axes and about half a million pixels, in order.

    Examples
    --------
    >>> [len(batch) for batch in batches([np.zeros((4, 4)), np.zeros((9, 9)), np.zeros((2, 2), np.float32)])]
    [2, 1]
    """
    waiting: list[np.ndarray] = []
    pixels = 0
    for image in images:
        if waiting and (_kind(image) != _kind(waiting[0]) or pixels + image.size > PIXELS_AT_ONCE):
            yield make_batch(waiting)
            waiting, pixels = [], 0
        waiting.append(image)
        pixels += image.size
    if waiting:
        yield make_batch(waiting)


def _kind(image: np.ndarray) -> tuple[bool, int]:
    return image.dtype == np.float32, image.ndim
