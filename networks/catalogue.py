"""Networks by name: built, and what pictures they take."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
import torchvision
from torch import nn

from networks.errors import NetworkError
from networks.mobilenet_v1 import MobileNetV1
from networks.names import check_model, did_you_mean
from networks.packages import name_in, package_of
from networks.xception import Xception

__all__ = [
    "InputFormat",
    "build",
    "input_format",
    "official_weights",
    "parameter_count",
    "published_set",
    "seeded",
]

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
OWN: dict[str, type[nn.Module]] = {"mobilenet_v1": MobileNetV1, "xception": Xception}
FROM_TENSORFLOW = ("inception_v3", "googlenet")
"""Networks whose official weights were ported: torchvision rescales what they take (``transform_input``)."""


@dataclass(frozen=True)
class InputFormat:
    """What a network takes.

    Attributes
    ----------
    size : int
        Height and width in pixels.
    short_side : int
        Length to which the short side is brought before the centre is cut out, where that is asked for.
    mean, std : tuple of float
        What is subtracted from each channel, in units of the full range, and what it is divided by.
    interpolation : {"bilinear", "bicubic"}
        Of resizing.
    minimum : int
        The smallest size that it can take.
    channels : int
        1 (gray) or 3 (the gray values three times).
    """

    size: int
    short_side: int
    mean: tuple[float, ...] = IMAGENET_MEAN
    std: tuple[float, ...] = IMAGENET_STD
    interpolation: str = "bilinear"
    minimum: int = 1
    channels: int = 3


OWN_FORMATS = {
    "mobilenet_v1": InputFormat(224, 256, minimum=32),
    "xception": InputFormat(299, 333, (0.5,) * 3, (0.5,) * 3, minimum=71),
}


def build(model: str, *, random: bool = True, official: bool = False, size: int | None = None) -> nn.Module:
    """Build a network of 1,000 outputs, without auxiliary outputs, in training mode.

    Parameters
    ----------
    model : str
        A classification network of torchvision, ``mobilenet_v1``, ``xception``, or one of a package
        (``timm/NAME``), which may have more or fewer outputs.
    random : bool, default=True
        Whether its random weights will be used; some networks take long to draw them.
    official : bool, default=False
        Whether it will get torchvision's weights, some of which were ported from networks with another
        normalisation.
    size : int or None, default=None
        Height and width of the images, of which the weights of a vision transformer (``vit``) depend; None:
        224.

    Raises
    ------
    NetworkError
        When there is no such transformer.

    Examples
    --------
    >>> sum(p.numel() for p in build("vgg19", random=False).parameters())
    143667240
    """
    check_model(model)
    if package := package_of(model):
        return package.build(name_in(model), size)
    if model in OWN:
        return OWN[model]()
    options: dict[str, Any] = {}
    if model in FROM_TENSORFLOW:
        options = {"aux_logits": False, "init_weights": random, "transform_input": official}
    if model.startswith("vit_") and size is not None:
        options = {"image_size": size}
    try:
        return torchvision.models.get_model(model, weights=None, **options)
    except AssertionError as error:
        raise NetworkError(f"{model} cannot be built for images of {size} pixels ({error}).") from None


def input_format(model: str, weights: str = "imagenet") -> InputFormat:
    """Return what a network takes, with weights of its package or of a file.

    Examples
    --------
    >>> input_format("inception_v3").size, input_format("efficientnet_b0").interpolation
    (299, 'bicubic')
    """
    check_model(model)
    if package := package_of(model):
        return package.input_format(name_in(model))
    if model in OWN:
        return OWN_FORMATS[model]
    chosen = official_weights(model, weights if weights.startswith("IMAGENET1K_") else "imagenet")
    preset = chosen.transforms()
    return InputFormat(
        size=preset.crop_size[0],
        short_side=preset.resize_size[0],
        mean=tuple(preset.mean),
        std=tuple(preset.std),
        interpolation=preset.interpolation.value,
        minimum=max(chosen.meta["min_size"]),
    )


def official_weights(model: str, weights: str) -> Any:
    """Return torchvision's entry of a set of weights; ``imagenet`` is the first it published.

    Raises
    ------
    NetworkError
        When torchvision has no weights of the network, or not that set.
    """
    if model in OWN:
        raise NetworkError(f"torchvision has no weights of {model}; name a file of them (weights: FILE.pth).")
    entries = {entry.name: entry for entry in torchvision.models.get_model_weights(model)}
    if weights == "imagenet":
        return next(iter(entries.values()))
    if weights not in entries:
        hint = did_you_mean(weights, entries)
        raise NetworkError(f"{model} has no weights {weights!r}.{hint} It has: {', '.join(entries)}.")
    return entries[weights]


def published_set(model: str, digest: str | None) -> str | None:
    """Return the name of torchvision's set of weights whose file has that SHA-256, if it is one.

    The names of torchvision's files end in the first eight digits.

    Examples
    --------
    >>> published_set("resnet50", "11ad3fa6" + "0" * 56)
    'IMAGENET1K_V2'
    """
    if model in OWN or package_of(model) or not digest:
        return None
    entries = torchvision.models.get_model_weights(model)
    return next((e.name for e in entries if e.url.endswith(f"-{digest[:8]}.pth")), None)


def parameter_count(network: nn.Module, *, trainable: bool = False) -> int:
    """Return the number of parameters, or of those alone that are trained."""
    return sum(p.numel() for p in network.parameters() if p.requires_grad or not trainable)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Let torch draw from a seed of its own on the CPU; afterwards it goes on as if nothing had been drawn.

    Examples
    --------
    >>> with seeded(0):
    ...     first = torch.rand(1)
    >>> with seeded(0):
    ...     print(bool(torch.rand(1) == first))
    True
    """
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        yield
