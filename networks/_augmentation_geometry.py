"""Geometric steps as matrices, of which those that follow one another become a single reading of the image.

A matrix says where a pixel of the result is read in the image: both in pixels from the centre, x to the right
and y downwards, as columns (x, y, 1).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from kornia.filters import filter2d_separable
from kornia.geometry.linalg import transform_points
from kornia.geometry.transform import get_perspective_transform
from torch.nn.functional import grid_sample

from networks._augmentation_draws import Draws
from networks._augmentation_filters import gaussian_kernels
from networks._augmentation_parameters import (
    Elastic,
    GeometricStep,
    HorizontalFlip,
    Perspective,
    Resampling,
    Rotation,
    Scale,
    Shear,
    Shift,
    VerticalFlip,
    Zoom,
)

__all__ = ["Reading"]

Size = tuple[int, int]
MOST_INWARD = 0.3
"""Of a corner, in sides of the image: beyond a third, the four might no longer be convex."""
FILLS = {"nearest": "border", "reflect": "reflection", "constant": "zeros"}


@dataclass(frozen=True)
class Reading:
    """Geometric steps that become one reading of the image.

    Flips are exact, and so is an image that nothing else happens to: neither is interpolated.

    Attributes
    ----------
    resampling : Resampling
    steps : tuple of GeometricStep
        An :class:`Elastic` can only be the last one, as its distances are those of the pixels of the result.
    """

    resampling: Resampling
    steps: tuple[GeometricStep, ...]

    def __call__(
        self, images: torch.Tensor, regions: torch.Tensor | None, draws: Draws
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Move what images of shape (n, c, h, w) show, and regions of shape (n, 1, h, w) along with it."""
        size = (images.shape[2], images.shape[3])
        flips, matrices = self._matrices(size, draws)
        images = _flipped(images, flips)
        regions = None if regions is None else _flipped(regions, flips)
        if all(isinstance(step, HorizontalFlip | VerticalFlip) for step in self.steps):
            return images, regions
        moved = (matrices != torch.eye(3, device=draws.device)).any(2).any(1)
        points = _pixels(size, draws.device).expand(len(images), -1, -1)
        if isinstance(self.steps[-1], Elastic):
            distances, elastic = _distances(self.steps[-1], size, draws)
            points, moved = points + distances, moved | elastic
        grid = _normalized(transform_points(matrices, points), size)
        moved = moved[:, None, None, None]
        if regions is not None:
            inside = grid_sample(regions, grid.to(regions.dtype), "bilinear", "zeros", align_corners=False)
            regions = torch.where(moved, inside, regions)
        return torch.where(moved, self._read(images, grid, draws), images), regions

    def _matrices(self, size: Size, draws: Draws) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the signs of both axes, and where to read in an image that has been flipped by them."""
        whole = torch.eye(3, device=draws.device).expand(draws.count, 3, 3)
        signs = torch.ones(draws.count, 3, device=draws.device)
        for step in self.steps:
            if type(step) in MATRICES:
                matrix = _or_identity(draws.chance(step.probability), MATRICES[type(step)](step, size, draws))
                whole = whole @ matrix
                if isinstance(step, HorizontalFlip | VerticalFlip):
                    signs = signs * matrix.diagonal(dim1=1, dim2=2)
        return signs, signs[:, :, None] * whole

    def _read(self, images: torch.Tensor, grid: torch.Tensor, draws: Draws) -> torch.Tensor:
        kind = self.resampling.interpolation
        if kind != "random":
            return self._read_with(kind, images, grid)
        bilinear = draws.chance(0.5)[:, None, None, None]
        return torch.where(
            bilinear, self._read_with("bilinear", images, grid), self._read_with("nearest", images, grid)
        )

    def _read_with(self, interpolation: str, images: torch.Tensor, grid: torch.Tensor) -> torch.Tensor:
        fill = self.resampling.fill
        outside = self.resampling.value if fill == "constant" else 0.0  # what is outside is 0 to grid_sample
        grid = grid.to(images.dtype)
        return grid_sample(images - outside, grid, interpolation, FILLS[fill], align_corners=False) + outside


def _flipped(images: torch.Tensor, signs: torch.Tensor) -> torch.Tensor:
    for axis, sign in ((3, signs[:, 0]), (2, signs[:, 1])):
        images = torch.where((sign < 0)[:, None, None, None], images.flip(axis), images)
    return images


def _or_identity(chosen: torch.Tensor, matrices: torch.Tensor) -> torch.Tensor:
    return torch.where(chosen[:, None, None], matrices, torch.eye(3, device=matrices.device))


def _pixels(size: Size, device: torch.device) -> torch.Tensor:
    """Return x and y of all pixels, row by row, as (1, h · w, 2)."""
    rows, columns = (torch.arange(side, device=device) - (side - 1) / 2 for side in size)
    y, x = torch.meshgrid(rows, columns, indexing="ij")
    return torch.stack([x, y], dim=-1).reshape(1, -1, 2)


def _normalized(points: torch.Tensor, size: Size) -> torch.Tensor:
    height, width = size
    halves = torch.tensor([width / 2, height / 2], device=points.device)
    return (points / halves).reshape(-1, height, width, 2)


def _distances(step: Elastic, size: Size, draws: Draws) -> tuple[torch.Tensor, torch.Tensor]:
    """Return how far each pixel moves as (n, h · w, 2), and which images are changed at all."""
    alpha = draws.chance(step.probability) * draws.uniform(*step.alpha)
    distances = draws.uniform(-1, 1, 2, *size) * alpha[:, None, None, None]
    kernel = gaussian_kernels(torch.full((draws.count,), step.sigma, device=draws.device), step.sigma)
    smooth = filter2d_separable(distances, kernel, kernel, "replicate")
    return smooth.flatten(2).transpose(1, 2), alpha > 0


def _diagonal(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return torch.diag_embed(torch.stack([x, y, torch.ones_like(x)], dim=1))


def _with_entries(count: int, entries: dict[tuple[int, int], torch.Tensor]) -> torch.Tensor:
    device = next(iter(entries.values())).device
    matrices = torch.eye(3, device=device).repeat(count, 1, 1)
    for (row, column), values in entries.items():
        matrices[:, row, column] = values
    return matrices


def _horizontal_flip(step: HorizontalFlip, size: Size, draws: Draws) -> torch.Tensor:
    ones = torch.ones(draws.count, device=draws.device)
    return _diagonal(-ones, ones)


def _vertical_flip(step: VerticalFlip, size: Size, draws: Draws) -> torch.Tensor:
    ones = torch.ones(draws.count, device=draws.device)
    return _diagonal(ones, -ones)


def _rotation(step: Rotation, size: Size, draws: Draws) -> torch.Tensor:
    angle = torch.deg2rad(draws.uniform(*step.degrees))
    cos, sin = angle.cos(), angle.sin()
    return _with_entries(draws.count, {(0, 0): cos, (0, 1): -sin, (1, 0): sin, (1, 1): cos})


def _shift(step: Shift, size: Size, draws: Draws) -> torch.Tensor:
    height, width = size
    right, down = draws.uniform(*step.width) * width, draws.uniform(*step.height) * height
    return _with_entries(draws.count, {(0, 2): -right, (1, 2): -down})


def _factors(step: Zoom | Scale, draws: Draws) -> tuple[torch.Tensor, torch.Tensor]:
    x = draws.uniform(*step.range)
    return x, draws.uniform(*step.range) if step.per_axis else x


def _zoom(step: Zoom, size: Size, draws: Draws) -> torch.Tensor:
    return _diagonal(*_factors(step, draws))


def _scale(step: Scale, size: Size, draws: Draws) -> torch.Tensor:
    x, y = _factors(step, draws)
    return _diagonal(1 / x, 1 / y)


def _shear(step: Shear, size: Size, draws: Draws) -> torch.Tensor:
    slope = torch.deg2rad(draws.uniform(*step.degrees)).tan()
    entry, value = ((1, 0), slope) if step.direction == "vertical" else ((0, 1), -slope)
    return _with_entries(draws.count, {entry: value})


def _perspective(step: Perspective, size: Size, draws: Draws) -> torch.Tensor:
    """Map the corners of the frame to points inside of it: no pixel is read outside."""
    height, width = size
    corners = torch.tensor([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]], device=draws.device)
    corners = corners * torch.tensor([width / 2, height / 2], device=draws.device)
    inward = draws.normal(4, 2).abs() * draws.uniform(*step.scale)[:, None, None]
    read = corners * (1 - 2 * inward.clamp(max=MOST_INWARD))
    return get_perspective_transform(corners.expand(draws.count, 4, 2), read)


MATRICES: dict[type, Callable[[Any, Size, Draws], torch.Tensor]] = {
    HorizontalFlip: _horizontal_flip,
    VerticalFlip: _vertical_flip,
    Rotation: _rotation,
    Shift: _shift,
    Zoom: _zoom,
    Scale: _scale,
    Shear: _shear,
    Perspective: _perspective,
}
