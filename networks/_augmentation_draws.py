"""Random numbers for the images of a batch, from a generator of their own."""

from __future__ import annotations

from dataclasses import dataclass

import torch

__all__ = ["Draws"]


@dataclass(frozen=True)
class Draws:
    """Numbers for ``count`` images.

    They are drawn on the generator's device and brought to that of the images, so that a generator of the CPU
    augments alike on every device.

    Examples
    --------
    >>> draws = Draws(torch.Generator().manual_seed(0), 3, torch.device("cpu"))
    >>> draws.uniform(2, 2)
    tensor([2., 2., 2.])
    """

    generator: torch.Generator
    count: int
    device: torch.device

    def fraction(self, *shape: int) -> torch.Tensor:
        """Draw float32 of shape (count, *shape), uniform from 0 to below 1."""
        size, where = (self.count, *shape), self.generator.device
        return torch.rand(size, generator=self.generator, device=where).to(self.device)

    def uniform(self, lowest: float, highest: float, *shape: int) -> torch.Tensor:
        """Draw float32 of shape (count, *shape) between two numbers, exactly that one if they are equal."""
        return lowest + (highest - lowest) * self.fraction(*shape)

    def normal(self, *shape: int) -> torch.Tensor:
        """Draw float32 of shape (count, *shape) with mean 0 and standard deviation 1."""
        size, where = (self.count, *shape), self.generator.device
        return torch.randn(size, generator=self.generator, device=where).to(self.device)

    def integer(self, lowest: int, highest: int, step: int = 1) -> torch.Tensor:
        """Draw int64 of shape (count,) from ``lowest``, ``lowest + step``, ... up to ``highest``."""
        numbers = torch.arange(lowest, highest + 1, step, device=self.device)
        return numbers[(self.fraction() * len(numbers)).long()]

    def chance(self, probability: float) -> torch.Tensor:
        """Draw bool of shape (count,), true with a probability."""
        return self.fraction() < probability

    def of(self, count: int) -> Draws:
        """Return the same for another number of images."""
        return Draws(self.generator, count, self.device)
