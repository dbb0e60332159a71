"""Augmented copies of an image that is kept as gray values: made once, before features are taken."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
import torch

from networks._augmentation_parameters import Step
from networks.augmentation import Augmentation

__all__ = ["augmented_copies"]

TRIES = 20
HALF = 0.5  # of a pixel has to lie inside a region


def augmented_copies(image: np.ndarray, steps: Iterable[Step], number: int) -> list[np.ndarray]:
    """Return copies of an image, each changed at random.

    Gray values are mapped from the range of the image to 0 … 1, augmented, and mapped back; what a step makes
    darker or brighter than the image ever is, is cut. Random numbers follow from the image and the number of
    the copy alone: the first three of five copies are those that three would be.

    Parameters
    ----------
    image : ndarray or MaskedArray of shape (H, W)
        A region of interest moves along with what it is around; what comes from beyond the border of the
        image belongs to none. A copy that would lose all of its region is drawn again.
    steps : iterable of Step
        As :func:`networks.augmentation_steps.parse_augmentation` returns them.
    number : int

    Returns
    -------
    list of ndarray or MaskedArray
        Of the shape and the type of ``image``; whole numbers are rounded.

    Raises
    ------
    ValueError
        If the region of interest is lost in each of twenty copies.

    Examples
    --------
    >>> from networks.augmentation_steps import parse_augmentation
    >>> flip = parse_augmentation([{"horizontal_flip": {"probability": 1}}])
    >>> augmented_copies(np.array([[10, 20, 40]], dtype=np.uint8), flip, 1)
    [array([[40, 20, 10]], dtype=uint8)]
    """
    augmentation, digest = Augmentation(steps), _digest(image)
    return [_copy(image, augmentation, _generator(digest, index)) for index in range(number)]


def _copy(image: np.ndarray, augmentation: Augmentation, generator: torch.Generator) -> np.ndarray:
    values, region = np.ma.getdata(image), ~np.ma.getmaskarray(image)
    low, high = (float(end) for end in (values[region].min(), values[region].max()))
    span = high - low or 1.0
    seen = np.where(np.isfinite(values), values, low).astype(np.float64)  # a mask may hide anything
    unit = torch.from_numpy(((seen - low) / span).clip(0, 1))[None, None]
    if np.ma.isMaskedArray(image):
        changed, inside = _moved(unit, torch.from_numpy(region)[None, None], augmentation, generator)
    else:
        changed, inside = augmentation(unit, generator), None
    gray = low + changed[0, 0].numpy() * span
    gray = (np.rint(gray) if values.dtype.kind in "iu" else gray).astype(values.dtype)
    return gray if inside is None else np.ma.MaskedArray(gray, mask=~inside[0, 0].numpy())


def _moved(
    unit: torch.Tensor, region: torch.Tensor, augmentation: Augmentation, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Augment an image of values from 0 to 1 and its region until something of the region is left."""
    for _ in range(TRIES):
        changed, moved = augmentation.with_regions(unit, region.to(unit.dtype), generator)
        inside = moved > HALF
        if inside.any():
            return changed, inside
    raise ValueError(f"nothing of the region of interest is left in any of {TRIES} augmented copies.")


def _digest(image: np.ndarray) -> bytes:
    digest = hashlib.blake2b(f"{image.dtype.str} {image.shape}".encode())
    digest.update(np.ascontiguousarray(np.ma.getdata(image)).tobytes())
    digest.update(np.packbits(np.ma.getmaskarray(image)).tobytes())
    return digest.digest()


def _generator(digest: bytes, index: int) -> torch.Generator:
    seed = hashlib.blake2b(digest + index.to_bytes(4, "little"), digest_size=8).digest()
    return torch.Generator().manual_seed(int.from_bytes(seed, "little") >> 1)
