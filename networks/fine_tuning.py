"""A network with a new head: which part is frozen, which is trained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from networks.catalogue import seeded
from networks.embedding import Source, form_of, part_of
from networks.errors import NetworkError
from networks.layers import FEATURES, pooled

__all__ = ["FineTuned", "Head", "fine_tuned", "freeze", "new_head"]


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


class FineTuned(nn.Module):
    """A backbone, its pooling and a head.

    Parameters
    ----------
    backbone : Module
        Part of a network, see :func:`networks.layers.up_to`.
    model, layer, pool : str
        What the backbone is of; ``avg``, ``max`` or ``none``.
    head : Module
    """

    def __init__(self, backbone: nn.Module, model: str, layer: str, pool: str, head: nn.Module) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = head
        self._place = (pool, model, layer)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return the scores of normalised images of shape (n, channels, H, W)."""
        return self.head(pooled(self.backbone(images)[FEATURES], *self._place))

    def train(self, mode: bool = True) -> FineTuned:
        """Switch to training; what is frozen stays in evaluation mode, its batch normalisation fixed."""
        super().train(mode)
        for module in self.backbone.modules():
            own = list(module.parameters(recurse=False))
            if own and not any(parameter.requires_grad for parameter in own):
                module.eval()
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
    backbone, layer = part_of(source)
    freeze(backbone, train)
    form = form_of(source)
    size = source.size or form.size
    with torch.inference_mode():
        output = backbone(torch.zeros(1, form.channels, size, size))[FEATURES]
        width = pooled(output, source.pool, source.model, layer).shape[1]
    return FineTuned(
        backbone, source.model, layer, source.pool, new_head(spec, width, n_classes, source.seed)
    )


def new_head(spec: Sequence[Any], n_inputs: int, n_classes: int, seed: int) -> Head:
    """Return a head whose weights depend on the seed alone, whatever was drawn before."""
    with seeded(seed):
        return Head(spec, n_inputs, n_classes)


def freeze(backbone: nn.Module, train: str | int) -> None:
    """Freeze a backbone: all of it (``head``), nothing (``all``), or all but its last layers (a number).

    Layers are modules with parameters of their own, in the order in which they are defined.
    """
    layers = [m for m in backbone.modules() if list(m.parameters(recurse=False))]
    trained = len(layers) if train == "all" else 0 if train == "head" else int(train)
    if trained > len(layers):
        raise NetworkError(f"train: {train} asks for more layers than the network has ({len(layers)}).")
    for layer in layers[: len(layers) - trained]:
        for parameter in layer.parameters(recurse=False):
            parameter.requires_grad_(False)
