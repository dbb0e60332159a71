"""Augmentation of a batch of images on its device, each image with random parameters of its own."""

from __future__ import annotations

from collections.abc import Iterable

import torch

from networks._augmentation_draws import Draws
from networks._augmentation_filters import apply_filter
from networks._augmentation_geometry import Reading
from networks._augmentation_parameters import Elastic, GeometricStep, RandomStep, Resampling, Step

__all__ = ["Augmentation"]


class Augmentation:
    """Steps that change a batch at random; for training only.

    Geometric steps that follow one another are composed, so that the image is interpolated once.

    Parameters
    ----------
    steps : iterable of Step
        In the order in which they are applied, as :func:`networks.augmentation_steps.parse_augmentation`
        returns them. Without any, a batch stays as it is.

    Examples
    --------
    >>> from networks.augmentation_steps import parse_augmentation
    >>> augmentation = Augmentation(parse_augmentation([{"horizontal_flip": {"probability": 1}}]))
    >>> augmentation(torch.tensor([[[[0.0, 0.5, 1.0]]]]), torch.Generator().manual_seed(0))
    tensor([[[[1.0000, 0.5000, 0.0000]]]])
    """

    def __init__(self, steps: Iterable[Step]) -> None:
        self.steps = tuple(steps)
        self._plan = _planned(self.steps)

    def __call__(self, batch: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """Return a batch of the same shape, type and device, with values from 0 to 1.

        Parameters
        ----------
        batch : Tensor of shape (n, c, h, w)
            Floating-point numbers from 0 to 1. It is not written to.
        generator : torch.Generator
            The only source of randomness, moved on by each call: the same state and the same batch give the
            same bits on the same device. One of the CPU draws the same numbers for every device; one of the
            batch's own device is faster there, where steps draw a number per pixel (elastic, noise).

        Returns
        -------
        Tensor of shape (n, c, h, w)

        Raises
        ------
        ValueError
            If the batch is not of that form; images have to be augmented before they are standardised.
        """
        return self._applied(batch, None, generator)[0]

    def with_regions(
        self, batch: torch.Tensor, regions: torch.Tensor, generator: torch.Generator
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return a batch as a call does, and regions of interest that moved along with it.

        Parameters
        ----------
        batch : Tensor of shape (n, c, h, w)
        regions : Tensor of shape (n, 1, h, w)
            Of the type of the batch: 1 inside, 0 outside. What comes from beyond the border is outside.
        generator : torch.Generator
            See :meth:`__call__`; regions take no numbers of it.

        Returns
        -------
        batch : Tensor of shape (n, c, h, w)
        regions : Tensor of shape (n, 1, h, w)
            With values between 0 and 1 where the border of a region crosses a pixel.
        """
        images, moved = self._applied(batch, regions, generator)
        assert moved is not None
        return images, moved

    def _applied(
        self, batch: torch.Tensor, regions: torch.Tensor | None, generator: torch.Generator
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        _check(batch)
        draws = Draws(generator, len(batch), batch.device)
        images = batch if batch.dtype == torch.float64 else batch.float()
        for part in self._plan if len(batch) else ():
            if isinstance(part, Reading):
                images, regions = part(images, regions, draws)
            else:
                images = apply_filter(images, part, draws)
        return images.clamp(0, 1).to(batch.dtype), regions


def _planned(steps: tuple[Step, ...]) -> list[Reading | RandomStep]:
    """Join geometric steps that can share one reading of the image."""
    plan: list[Reading | RandomStep] = []
    resampling = Resampling()
    for step in steps:
        if isinstance(step, Resampling):
            resampling = step
        elif isinstance(step, GeometricStep):
            before = _steps_to_join(plan, resampling)
            plan[len(plan) - bool(before) :] = [Reading(resampling, (*before, step))]
        elif isinstance(step, RandomStep):
            plan.append(step)
    return plan


def _steps_to_join(plan: list[Reading | RandomStep], resampling: Resampling) -> tuple[GeometricStep, ...]:
    last = plan[-1] if plan else None
    if not isinstance(last, Reading) or last.resampling != resampling or isinstance(last.steps[-1], Elastic):
        return ()
    return last.steps


def _check(batch: torch.Tensor) -> None:
    if batch.ndim != 4 or not batch.is_floating_point():
        raise ValueError(
            "A batch must be floating-point numbers of shape (images, channels, height, width), not"
            f" {batch.dtype} of shape {tuple(batch.shape)}."
        )
    if batch.numel() and not (batch.min() >= 0 and batch.max() <= 1):
        raise ValueError(
            f"A batch must have values from 0 to 1, not from {batch.min():.4g} to {batch.max():.4g}."
            " Augment before standardising."
        )
