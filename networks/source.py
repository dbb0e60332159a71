"""What decides features: a network, its weights and its layer, and how they are put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import nn

from networks.catalogue import InputFormat, build, input_format, published_set, seeded
from networks.errors import NetworkError
from networks.layers import SPATIAL, default_layer, spatial_layer, up_to
from networks.loading import load_into, official_file, read_weights
from networks.names import is_official
from networks.padding import pad_as_tensorflow
from networks.pictures import to_batch, to_unit_range
from networks.weights_files import find_weights, identity_of, places

__all__ = ["Source", "format_of", "part_of", "pictures_of"]


@dataclass(frozen=True)
class Source:
    """All that decides which features an image has, but for precision.

    Attributes
    ----------
    model, weights : str
        See :class:`feature_extractors.cnn.CNN`, which has a parameter for each of these.
    """

    model: str
    weights: str = "imagenet"
    layer: str | None = None
    pool: str = "avg"
    size: int | None = None
    resize: str = "stretch"
    gray_range: tuple[float, float] | None = None
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    padding: str = "torch"
    seed: int = 0


def format_of(source: Source) -> InputFormat:
    """Return what a network takes, with the mean and deviation that were asked for."""
    form = input_format(source.model, _set_of(source))
    for values in (source.mean, source.std):
        if values is not None and len(values) != form.channels:
            raise NetworkError(f"{source.model} takes images of one channel; leave mean and std to it.")
    return replace(form, mean=source.mean or form.mean, std=source.std or form.std)


def _set_of(source: Source) -> str:
    """Return the weights; a file that is one of torchvision's by its content, under torchvision's name."""
    return published_set(source.model, identity_of(source.weights)) or source.weights


def pictures_of(source: Source, images: Sequence[np.ndarray]) -> torch.Tensor:
    """Bring images of shape (H, W) to what a network takes: shape (n, 1, size, size), from 0 to 1."""
    form = format_of(source)
    prepared = [to_unit_range(image, source.gray_range) for image in images]
    return to_batch(prepared, form, source.size or form.size, source.resize)


def part_of(source: Source, size: int) -> tuple[nn.Module, str]:
    """Return a network up to the layer that is wanted, with its weights, and the name of that layer.

    Raises
    ------
    NetworkError
        When the network, the layer or the weights are not to be had.
    """
    random = source.weights == "random"
    file = None if random else _file_of(source)
    with seeded(source.seed):
        network = build(source.model, random=random, official=is_official(_set_of(source)), size=size)
    layer = source.layer or default_layer(network, source.model)
    if layer == SPATIAL:
        layer = spatial_layer(network.eval(), source.model, size)
    part = up_to(network.eval(), layer, source.model)
    if file is not None:
        load_into(part, read_weights(file), f"{source.model}, {file.name}")
    return (pad_as_tensorflow(part) if source.padding == "tensorflow" else part), layer


def _file_of(source: Source) -> Path:
    if is_official(source.weights):
        return official_file(source.model, source.weights)
    found = find_weights(source.weights)
    if found is None:
        looked = ", ".join(["beside the grid", *(f"{name} ({path})" for name, path in places().items())])
        raise NetworkError(f"{source.model}: there is no file of weights {source.weights}; looked {looked}.")
    return found
