"""How a network is trained: the recipe, the samples, and the batches of an epoch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch

from networks.catalogue import InputFormat

__all__ = ["Batches", "Recipe", "Samples"]

MULTIPLIER = 1_000_003  # seeds of the epochs of one fit


@dataclass(frozen=True, eq=False)
class Samples:
    """Inputs of a network and class numbers: pictures (n, 1, H, W) from 0 to 1, or features (n, d)."""

    inputs: torch.Tensor
    codes: torch.Tensor

    def __len__(self) -> int:
        return len(self.codes)


@dataclass(frozen=True)
class Recipe:
    """How a network is trained.

    Attributes
    ----------
    epochs, batch_size : int
    steps : int or None
        Batches of an epoch; None: as many as the samples fill.
    optimizer : {"adam", "adamw", "rmsprop", "sgd"}
    learning_rate, weight_decay, momentum : float
        Momentum is of sgd and rmsprop.
    schedule : {"constant", "cosine", "step"}
        Step: a tenth after each third of the epochs.
    patience : int or None
        Epochs without a smaller validation loss after which training stops, and the weights of the best
        epoch are taken. None: all epochs, and the last weights.
    class_weights : tuple of float or None
    augmentation : callable or None
        Of a batch of pictures and a generator.
    form : InputFormat or None
        How pictures are normalised; None: inputs are features.
    half : bool
        Compute in bfloat16 where the device is fast at it.
    seed : int
    """

    epochs: int
    batch_size: int
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    weight_decay: float = 0.0
    momentum: float = 0.9
    schedule: str = "constant"
    steps: int | None = None
    patience: int | None = None
    class_weights: tuple[float, ...] | None = None
    augmentation: Callable[[torch.Tensor, torch.Generator], torch.Tensor] | None = None
    form: InputFormat | None = None
    half: bool = True
    seed: int = 0

    def rate(self, epoch: int) -> float:
        """Return the learning rate of an epoch, counted from 0."""
        if self.schedule == "cosine":
            return self.learning_rate * (1 + math.cos(math.pi * epoch / self.epochs)) / 2
        if self.schedule == "step":
            return self.learning_rate * 0.1 ** (3 * epoch // self.epochs)
        return self.learning_rate

    def seed_of(self, epoch: int) -> int:
        """Return the seed of an epoch, so that one can be trained without those before it."""
        return (self.seed * MULTIPLIER + epoch) % 2**63


class Batches:
    """Batches of samples in memory: shuffled and augmented anew in every epoch, from its seed alone."""

    def __init__(self, samples: Any, recipe: Recipe, device: torch.device, training: bool) -> None:
        self._samples = samples
        self._recipe = recipe
        self._device = device
        self._training = training
        self.epoch = 0

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        generator = torch.Generator().manual_seed(self._recipe.seed_of(self.epoch))
        augmenting = torch.Generator(self._device).manual_seed(self._recipe.seed_of(self.epoch))
        for rows in self._rows(generator):
            inputs = self._samples.X[rows.to(self._samples.X.device)].to(self._device, non_blocking=True)
            codes = self._samples.y[rows.to(self._samples.y.device)].to(self._device, non_blocking=True)
            if self._training and self._recipe.augmentation is not None:
                inputs = self._recipe.augmentation(inputs, augmenting)
            yield inputs, codes

    def _rows(self, generator: torch.Generator) -> Iterator[torch.Tensor]:
        number, size = len(self._samples.y), self._recipe.batch_size
        if not self._training:
            yield from torch.arange(number).split(size)
            return
        steps = self._recipe.steps or -(-number // size)
        rounds = -(-steps * size // number) if self._recipe.steps else 1
        order = torch.cat([torch.randperm(number, generator=generator) for _ in range(rounds)])
        for part in order.split(size)[:steps]:
            if len(part) > 1 or number == 1:  # of one sample, batch normalisation knows no deviation
                yield part
