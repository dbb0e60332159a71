"""Images of gray values made into what a network takes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch.nn.functional import interpolate

from networks.catalogue import InputFormat

__all__ = ["normalized", "to_batch", "to_unit_range"]

Range = tuple[float, float] | None


def to_unit_range(image: np.ndarray, gray_range: Range = None) -> torch.Tensor:
    """Map gray values to 0 … 1.

    Parameters
    ----------
    image : ndarray or MaskedArray of shape (H, W)
        Outside a region of interest all becomes 0.
    gray_range : (float, float) or None, default=None
        The values that become 0 and 1; what lies beyond is cut. None: the smallest and the largest of the
        image (of its region). An image of one value becomes 0.

    Returns
    -------
    Tensor of float32, shape (H, W)

    Examples
    --------
    >>> to_unit_range(np.array([[100, 150, 300]], dtype=np.uint16))
    tensor([[0.0000, 0.2500, 1.0000]])
    """
    values = np.ma.getdata(image)
    inside = np.ma.compressed(image) if np.ma.isMaskedArray(image) else values
    low, high = (float(inside.min()), float(inside.max())) if gray_range is None else gray_range
    if high <= low:
        return torch.zeros(values.shape)
    if values.dtype in (np.uint8, np.uint16):  # the same numbers, by a table of all values: many times faster
        scaled = _scaled(np.arange(int(np.iinfo(values.dtype).max) + 1), low, high)[values]
    else:
        scaled = _scaled(values, low, high)
    if np.ma.is_masked(image):
        scaled[np.ma.getmaskarray(image)] = 0
    return torch.from_numpy(scaled)


def _scaled(values: np.ndarray, low: float, high: float) -> np.ndarray:
    with np.errstate(invalid="ignore", over="ignore"):  # under a mask there may be anything
        return np.clip((values.astype(np.float64) - low) / (high - low), 0, 1).astype(np.float32)


def to_batch(images: Sequence[torch.Tensor], form: InputFormat, size: int, resize: str) -> torch.Tensor:
    """Bring images to the size of a network.

    Parameters
    ----------
    images : sequence of Tensor of shape (H, W)
    resize : {"stretch", "crop"}
        Stretch: the whole image, to height and width. Crop: its short side to the network's own length (in
        proportion if ``size`` is another), and the centre cut out, as torchvision does.

    Returns
    -------
    Tensor of float32, shape (n, 1, size, size)
    """
    return torch.cat([_resized(image[None, None], form, size, resize) for image in images])


def _resized(image: torch.Tensor, form: InputFormat, size: int, resize: str) -> torch.Tensor:
    height, width = image.shape[-2:]
    wanted = (size, size)
    if resize == "crop":
        short = round(form.short_side * size / form.size)
        wanted = (
            (short, int(short * width / height)) if height <= width else (int(short * height / width), short)
        )
    if (height, width) != wanted:
        image = interpolate(image, wanted, mode=form.interpolation, antialias=True).clamp(0, 1)
    top, left = (round((length - size) / 2) for length in wanted)
    return image[..., top : top + size, left : left + size]


def normalized(batch: torch.Tensor, form: InputFormat) -> torch.Tensor:
    """Subtract the mean and divide by the deviation of each channel.

    Parameters
    ----------
    batch : Tensor of shape (n, 1, H, W) or (n, channels, H, W), values from 0 to 1

    Returns
    -------
    Tensor of shape (n, channels, H, W), channels last in memory
    """
    mean, std = (
        torch.tensor(values, device=batch.device, dtype=batch.dtype).view(1, -1, 1, 1)
        for values in (form.mean, form.std)
    )
    return ((batch - mean) / std).contiguous(memory_format=torch.channels_last)
