"""Networks that torchxrayvision trained on chest radiographs, ``torchxrayvision/WEIGHTS``."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import torchvision
from torch import nn

from networks.catalogue import InputFormat
from networks.errors import NetworkError
from networks.loading import downloaded
from networks.names import did_you_mean
from networks.weights_files import find_weights, places

__all__ = ["build", "input_format", "official_file"]

RANGE = 1024.0
"""Gray values go from minus this to this (``torchxrayvision.utils.normalize``)."""


def _package() -> Any:
    """Import the package; it switches all warnings off, which is undone."""
    with warnings.catch_warnings():
        import torchxrayvision
    return torchxrayvision


def _entry(name: str) -> dict[str, Any]:
    """Return what the package knows of a set of weights.

    Raises
    ------
    NetworkError
        When there is none of the name: with those there are.
    """
    entries = _package().models.model_urls
    known = [entry for entry in entries if "-res" in entry]
    if name not in known:
        hint = did_you_mean(name, known)
        raise NetworkError(f"torchxrayvision has no weights {name!r}.{hint} It has: {', '.join(known)}.")
    return entries[name]


def build(name: str, size: int | None = None) -> nn.Module:
    """Build the network of a set of weights, of one channel, with random weights.

    Parameters
    ----------
    name : str
        ``densenet121-res224-all``, ``resnet50-res512-all`` and so on.
    size : ignored
        Any size will do.

    Raises
    ------
    NetworkError
        When there are no weights of that name.
    """
    classes = len(_entry(name)["labels"])
    if name.startswith("densenet"):
        return _package().models.DenseNet(num_classes=classes)
    network = torchvision.models.get_model(name.partition("-")[0], weights=None, num_classes=classes)
    network.conv1 = nn.Conv2d(1, 64, kernel_size=7, stride=2, padding=3, bias=False)
    return network


def input_format(name: str) -> InputFormat:
    """Return what a network takes: one channel, -1024 to 1024; the centre, before it is resized, is whole."""
    size = _entry(name)["input_resolution"]
    return InputFormat(size, size, mean=(0.5,), std=(0.5 / RANGE,), minimum=32, channels=1)


def official_file(name: str) -> Path:
    """Return the file of a set of weights: ``NAME.pth`` among the places of weights, or as published.

    Those of the densenets are published as pickled objects, which can run code when they are read, and are
    not read here.

    Raises
    ------
    NetworkError
        When it is not to be had: names the file and how to get it.
    """
    url = _entry(name)["weights_url"]
    found = find_weights(f"{name}.pth") or find_weights(url.rsplit("/", 1)[1])
    if name.startswith("densenet") and (found is None or found.suffix != ".pth"):
        raise NetworkError(_how_to_convert(name, url))
    return found if found is not None else downloaded(url)


def _how_to_convert(name: str, url: str) -> str:
    looked = "; ".join(f"{known} ({path})" for known, path in places().items())
    return (
        f"there is no file {name}.pth; looked in: {looked}. What is published ({url}) is pickled objects,"
        " which can run code and are not read here. If you trust them, write their numbers once:"
        ' python -c "import torch, torchxrayvision as x;'
        f" torch.save(x.models.get_model('{name}').state_dict(), '{name}.pth')\","
        " and put that file into one of these places, or name it in the grid (weights: PATH)."
    )
