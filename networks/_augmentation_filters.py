"""Steps that change the values of an image where they are: blurs, sharpening, noise, brightness."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from kornia.filters import filter2d, filter2d_separable, median_blur

from networks._augmentation_draws import Draws
from networks._augmentation_parameters import (
    AverageBlur,
    Brightness,
    Contrast,
    Emboss,
    Gamma,
    GaussianBlur,
    GaussianNoise,
    IntensityShift,
    MedianBlur,
    RandomStep,
    Sharpen,
)

__all__ = ["apply_filter", "gaussian_kernels"]

AT_ONCE = 2**26  # numbers
SHARPEN = [[-1.0, -1.0, -1.0], [-1.0, 8.0, -1.0], [-1.0, -1.0, -1.0]]
EMBOSS = [[-1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
EMBOSS_PER_STRENGTH = [[-1.0, -1.0, 0.0], [-1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]
UNCHANGED = [[0.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]


def apply_filter(images: torch.Tensor, step: RandomStep, draws: Draws) -> torch.Tensor:
    """Apply a step to those images that it falls to, and clip to the range from 0 to 1.

    Parameters
    ----------
    images : Tensor of shape (n, c, h, w)
    step : RandomStep
    draws : Draws
        For ``n`` images.

    Returns
    -------
    Tensor of shape (n, c, h, w)
    """
    chosen = draws.chance(step.probability).nonzero().squeeze(1)
    if not len(chosen):
        return images
    changed = FILTERS[type(step)](images[chosen], step, draws.of(len(chosen))).clamp(0, 1)
    return images.index_copy(0, chosen, changed)


def gaussian_kernels(sigma: torch.Tensor, largest: float) -> torch.Tensor:
    """Return weights that sum to 1, as (n, 2r + 1) with r four times the largest sigma, rounded.

    Examples
    --------
    >>> gaussian_kernels(torch.tensor([0.0, 0.5]), 0.5).round(decimals=3)
    tensor([[0.0000, 0.0000, 1.0000, 0.0000, 0.0000],
            [0.0000, 0.1060, 0.7870, 0.1060, 0.0000]])
    """
    radius = int(4 * largest + 0.5)
    distance = torch.arange(-radius, radius + 1, device=sigma.device)
    weights = torch.exp(-0.5 * (distance / sigma.clamp(min=1e-3)[:, None]) ** 2)
    return weights / weights.sum(1, keepdim=True)


def _column(values: torch.Tensor, images: torch.Tensor) -> torch.Tensor:
    return values.to(images.dtype)[:, None, None, None]


def _gaussian_blur(images: torch.Tensor, step: GaussianBlur, draws: Draws) -> torch.Tensor:
    kernels = gaussian_kernels(draws.uniform(*step.sigma), step.sigma[1])
    return filter2d_separable(images, kernels, kernels, "replicate")


def _average_blur(images: torch.Tensor, step: AverageBlur, draws: Draws) -> torch.Tensor:
    size = draws.integer(*step.kernel)[:, None]
    radius = step.kernel[1] // 2
    distance = torch.arange(-radius, radius + 1, device=draws.device)
    inside = (distance >= -(size // 2)) & (distance < size - size // 2)
    kernels = inside / size
    return filter2d_separable(images, kernels, kernels, "replicate")


def _median_blur(images: torch.Tensor, step: MedianBlur, draws: Draws) -> torch.Tensor:
    lowest, highest = step.kernel[0] // 2 * 2 + 1, (step.kernel[1] - 1) // 2 * 2 + 1
    sizes = draws.integer(lowest, highest, 2)
    result = images
    for size in range(lowest, highest + 1, 2):
        chosen = (sizes == size).nonzero().squeeze(1)
        if len(chosen):
            result = result.index_copy(0, chosen, _median(images[chosen], size))
    return result


def _median(images: torch.Tensor, size: int) -> torch.Tensor:
    """Blur a few images at a time: kornia keeps all the pixels of every square."""
    at_once = max(1, AT_ONCE // (images[0].numel() * size**2))
    return torch.cat([median_blur(part, size, "replicate") for part in images.split(at_once)])


def _mixed(images: torch.Tensor, kernels: torch.Tensor, alpha: torch.Tensor) -> torch.Tensor:
    unchanged = torch.tensor(UNCHANGED, device=images.device)
    alpha = alpha[:, None, None]
    return filter2d(images, (1 - alpha) * unchanged + alpha * kernels, "replicate")


def _sharpen(images: torch.Tensor, step: Sharpen, draws: Draws) -> torch.Tensor:
    alpha, lightness = draws.uniform(*step.alpha), draws.uniform(*step.lightness)
    centre = torch.tensor(UNCHANGED, device=images.device)
    kernels = torch.tensor(SHARPEN, device=images.device) + lightness[:, None, None] * centre
    return _mixed(images, kernels, alpha)


def _emboss(images: torch.Tensor, step: Emboss, draws: Draws) -> torch.Tensor:
    alpha, strength = draws.uniform(*step.alpha), draws.uniform(*step.strength)
    relief = torch.tensor(EMBOSS_PER_STRENGTH, device=images.device)
    kernels = torch.tensor(EMBOSS, device=images.device) + strength[:, None, None] * relief
    return _mixed(images, kernels, alpha)


def _gaussian_noise(images: torch.Tensor, step: GaussianNoise, draws: Draws) -> torch.Tensor:
    deviation = _column(draws.uniform(*step.scale), images)
    apart = _column(draws.chance(step.per_channel), images).bool()
    noise = draws.normal(*images.shape[1:]).to(images.dtype)
    return images + deviation * torch.where(apart, noise, noise[:, :1])


def _intensity_shift(images: torch.Tensor, step: IntensityShift, draws: Draws) -> torch.Tensor:
    return images + _column(draws.uniform(*step.range), images)


def _brightness(images: torch.Tensor, step: Brightness, draws: Draws) -> torch.Tensor:
    return images * _column(draws.uniform(*step.range), images)


def _contrast(images: torch.Tensor, step: Contrast, draws: Draws) -> torch.Tensor:
    mean = images.mean((1, 2, 3), keepdim=True)
    return mean + (images - mean) * _column(draws.uniform(*step.range), images)


def _gamma(images: torch.Tensor, step: Gamma, draws: Draws) -> torch.Tensor:
    return images ** _column(draws.uniform(*step.range), images)


FILTERS: dict[type, Callable[[torch.Tensor, Any, Draws], torch.Tensor]] = {
    GaussianBlur: _gaussian_blur,
    AverageBlur: _average_blur,
    MedianBlur: _median_blur,
    Sharpen: _sharpen,
    Emboss: _emboss,
    GaussianNoise: _gaussian_noise,
    IntensityShift: _intensity_shift,
    Brightness: _brightness,
    Contrast: _contrast,
    Gamma: _gamma,
}
