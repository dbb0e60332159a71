"""A network with a new head: which part is frozen, which is trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from networks.catalogue import seeded
from networks.errors import NetworkError
from networks.layers import FEATURES, as_vectors, channels_first, pooled
from networks.source import Source, format_of, part_of

__all__ = ["FineTuned", "Head", "fine_tuned", "freeze", "new_head", "with_frozen_backbone"]


class Head(nn.Module):
    """Layers from what a backbone gives to scores of the classes.

    Parameters
    ----------
    spec : list
        See :func:`networks.head_specs.head_spec`; the pooling that it begins with is the backbone's.
    n_inputs, n_classes : int
        Numbers that come in, and scores that go out: one for two classes.
    """

    def __init__(self, spec: Sequence[Any], n_inputs: int, n_classes: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        width = n_inputs
        for entry in spec[1:]:
            if isinstance(entry, int):
                layers += [nn.Linear(width, entry), nn.ReLU()]
                width = entry
            elif entry == "batch_norm":
                layers.append(nn.BatchNorm1d(width))
            elif isinstance(entry, dict):
                layers.append(nn.Dropout(entry["dropout"]))
        layers.append(nn.Linear(width, 1 if n_classes == 2 else n_classes))
        self.layers = nn.Sequential(*layers)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Return the scores of features of shape (n, n_inputs)."""
        return self.layers(features)


@dataclass(frozen=True)
class Place:
    """A layer of a network, and the pooling of what it gives: ``avg``, ``max`` or ``none``."""

    model: str
    layer: str
    pool: str


class FineTuned(nn.Module):
    """A backbone, its pooling and a head.

    Parameters
    ----------
    backbone : Module
        Part of a network, see :func:`networks.layers.up_to`.
    head : Module
    place : Place
        What the backbone is of, and how its output is pooled.
    pretrained : bool
        Whether its statistics of batch normalisation stay those of its weights, as is usual: a few batches
        of few images would spoil them, and in some files they are folded into the weights.
    """

    def __init__(self, backbone: nn.Module, head: nn.Module, place: Place, *, pretrained: bool) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = head
        self._place = place
        self._pretrained = pretrained

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return the scores of normalised images of shape (n, channels, H, W)."""
        return self.scores(self.maps(images))

    def maps(self, images: torch.Tensor) -> torch.Tensor:
        """Return what the backbone gives: (n, c, h, w), or without places if its last layer has none."""
        return channels_first(self.backbone(images), len(images), self._place.model, self._place.layer)

    def scores(self, maps: torch.Tensor) -> torch.Tensor:
        """Return the scores of what :meth:`maps` gave."""
        return self.head(as_vectors(maps, self._place.pool))

    def train(self, mode: bool = True) -> FineTuned:
        """Switch to training; what is frozen stays in evaluation mode, and so does normalisation."""
        super().train(mode)
        thawed = False  # before the first layer that is trained, nothing is left out at random either
        for module in list(self.backbone.modules())[1:]:
            own = [parameter.requires_grad for parameter in module.parameters(recurse=False)]
            thawed = thawed or any(own)
            frozen = not thawed or (own and not any(own))
            if frozen or (self._pretrained and isinstance(module, _BatchNorm)):
                module.training = False
        return self


def fine_tuned(source: Source, spec: Sequence[Any], train: str | int, n_classes: int) -> FineTuned:
    """Return the network of a source with a new head, and freeze what is not to be trained.

    Parameters
    ----------
    source : Source
        Its layer and its pooling are where the head begins.
    spec : list
        See :func:`networks.head_specs.head_spec`.
    train : {"head", "all"} or int
    n_classes : int
    """
    form = format_of(source)
    size = source.size or form.size
    if size < form.minimum:
        raise NetworkError(f"{source.model} takes images of {form.minimum} pixels or more; size is {size}.")
    backbone, layer = part_of(source, size)
    freeze(backbone, train)
    with torch.inference_mode():
        output = backbone(torch.zeros(1, form.channels, size, size))[FEATURES]
        width = pooled(output, 1, source.pool, source.model, layer).shape[1]
    head = new_head(spec, width, n_classes, source.seed)
    place = Place(source.model, layer, source.pool)
    return FineTuned(backbone, head, place, pretrained=source.weights != "random")


def with_frozen_backbone(source: Source, head: nn.Module) -> FineTuned:
    """Return the whole network of a head that was trained on what the frozen network of a source gives."""
    backbone, layer = _frozen(source)
    place = Place(source.model, layer, source.pool)
    return FineTuned(backbone, head, place, pretrained=True).eval()


@lru_cache(maxsize=1)  # folds share it
def _frozen(source: Source) -> tuple[nn.Module, str]:
    backbone, layer = part_of(source, source.size or format_of(source).size)
    freeze(backbone, "head")
    return backbone, layer


def new_head(spec: Sequence[Any], n_inputs: int, n_classes: int, seed: int) -> Head:
    """Return a head whose weights depend on the seed alone, whatever was drawn before."""
    with seeded(seed):
        return Head(spec, n_inputs, n_classes)


def freeze(backbone: nn.Module, train: str | int) -> None:
    """Freeze a backbone: all of it (``head``), nothing (``all``), or all but its last layers (a number).

    Layers are convolutions, dense and other modules with parameters of their own, in the order in which
    they are defined; normalisation belongs to the layer before it.
    """
    modules = [m for m in backbone.modules() if list(m.parameters(recurse=False))]
    layers = [i for i, module in enumerate(modules) if not isinstance(module, _BatchNorm)]
    trained = len(layers) if train == "all" else 0 if train == "head" else int(train)
    if trained > len(layers):
        raise NetworkError(f"train: {train} asks for more layers than the network has ({len(layers)}).")
    first = layers[len(layers) - trained] if trained else len(modules)
    for module in modules[:first]:
        for parameter in module.parameters(recurse=False):
            parameter.requires_grad_(False)
