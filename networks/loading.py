"""Weights put into networks: found or downloaded, read without running code, every misfit named."""

from __future__ import annotations

import errno
import re
import urllib.error
import urllib.request
import warnings
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TypeGuard

import torch
from torch import nn

from networks.catalogue import official_weights
from networks.errors import NetworkError
from networks.packages import name_in, package_of
from networks.weights_files import find_weights, places

__all__ = ["downloaded", "load_into", "official_file", "read_weights"]

SECONDS = 10  # to wait for an answer of the server that has the weights
SHOWN = 4
FOREIGN_CLASS = re.compile(r"unsupported global:? (?:GLOBAL )?(\S+)", re.IGNORECASE)
Weights = Mapping[str, torch.Tensor]


def official_file(model: str, weights: str) -> Path:
    """Return the file of a network's official weights; download it where it is not at hand.

    Raises
    ------
    NetworkError
        When it is neither at hand nor to be had: names the file, where it was looked for and how to get it.
    """
    if package := package_of(model):
        if weights != "imagenet":
            raise NetworkError(f"{model}: {weights} is a set of torchvision's; weights: imagenet is its own.")
        return package.official_file(name_in(model))
    url = official_weights(model, weights).url
    found = find_weights(url.rsplit("/", 1)[1])
    return found if found is not None else downloaded(url)


@lru_cache
def downloaded(url: str) -> Path:
    """Return a file from an address, in torch's cache; the hash that its name may end in is checked.

    Raises
    ------
    NetworkError
        When it is not to be had: names the file, where it was looked for and how to get it.
    """
    name, folder = url.rsplit("/", 1)[1], places()["torch's cache"]
    try:
        request = urllib.request.Request(url, method="HEAD")
        urllib.request.urlopen(request, timeout=SECONDS).close()
        torch.hub.load_state_dict_from_url(
            url, str(folder), progress=False, check_hash=True, weights_only=True, map_location="cpu"
        )
    except (OSError, RuntimeError) as error:
        looked = "; ".join(f"{known} ({path})" for known, path in places().items())
        raise NetworkError(
            f"the weights {name} are not at hand, and {url} did not give them ({error}). Looked in: {looked}."
            " Where there is a network, download the file and put it into one of these, or name it in the"
            " grid (weights: PATH)."
        ) from None
    return folder / name


def read_weights(path: Path) -> Weights:
    """Read a state dict without running anything that it may hold.

    Parameters
    ----------
    path : Path
        ``.safetensors``, or a file of ``torch.save``: a state dict, or a mapping with one under
        ``state_dict`` or ``model``.

    Raises
    ------
    NetworkError
        When it is damaged, holds code, or no weights.
    """
    try:
        content = _read_safetensors(path) if path.suffix == ".safetensors" else _read_pickle(path)
    except OSError as error:
        raise NetworkError(f"{path}: cannot be read ({error.strerror or error}).") from None
    for name in ("state_dict", "model"):
        if isinstance(content, Mapping) and isinstance(content.get(name), Mapping):
            content = content[name]
    if not _is_state_dict(content):
        raise NetworkError(f"{path}: holds no weights (a state dict: names and tensors).")
    return {str(name).removeprefix("module."): tensor for name, tensor in content.items()}


def _is_state_dict(content: object) -> TypeGuard[Weights]:
    if not isinstance(content, Mapping) or not content:
        return False
    return all(isinstance(value, torch.Tensor) for value in content.values())


def _read_safetensors(path: Path) -> object:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except SafetensorError as error:
        raise NetworkError(f"{path}: not a readable safetensors file ({error}).") from None


def _read_pickle(path: Path) -> object:
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Detected pickle protocol")  # of a file not torch's
            return torch.load(path, map_location="cpu", weights_only=True)
    except MemoryError:
        raise
    except Exception as error:  # damaged bytes make it fail in any way there is
        beyond_the_end = isinstance(error, OSError) and error.errno == errno.EINVAL  # of a file cut short
        if isinstance(error, OSError) and not beyond_the_end:
            raise
        foreign = FOREIGN_CLASS.search(str(error))
        if foreign is None:
            raise NetworkError(f"{path}: damaged, or not a file of weights.") from error
        raise NetworkError(
            f"{path}: holds code ({foreign[1]}), which is never run; a file of tensors alone is needed"
            " (torch.save(network.state_dict(), FILE))."
        ) from None


def load_into(network: nn.Module, weights: Weights, source: str) -> None:
    """Put weights into a network, or into the part of one that is left of it.

    Weights of layers that the network does not have are left aside: those behind the layer whose output
    is wanted. Numbers of less precision become float32.

    Raises
    ------
    NetworkError
        When a tensor is missing, or has another shape: with their names.
    """
    wanted = network.state_dict()
    missing = [name for name in wanted if name not in weights and not name.endswith("num_batches_tracked")]
    misshapen = [
        f"{name} is {_shape(weights[name])}, {_shape(tensor)} is needed"
        for name, tensor in wanted.items()
        if name in weights and weights[name].shape != tensor.shape
    ]
    if missing and len(missing) == len([n for n in wanted if not n.endswith("num_batches_tracked")]):
        names = ", ".join(list(weights)[:SHOWN])
        raise NetworkError(f"{source}: weights of another network; not one name fits (it has {names} …).")
    if misshapen:
        raise NetworkError(f"{source}: weights of another network: {_some(misshapen)}.")
    if missing:
        raise NetworkError(f"{source}: has no {_some(missing)}.{_complete_layers(wanted, weights)}")
    network.load_state_dict({name: weights[name] for name in wanted if name in weights}, strict=False)


def _some(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _shape(tensor: torch.Tensor) -> str:
    return "×".join(map(str, tensor.shape)) or "one number"


def _complete_layers(wanted: Weights, weights: Weights) -> str:
    """Tell up to which layer a file goes, so that the user can name it."""
    layers: dict[str, bool] = {}
    for name in wanted:
        layer = name.split(".", 1)[0]
        layers[layer] = layers.get(layer, True) and (name in weights or name.endswith("num_batches_tracked"))
    complete = [layer for layer, whole in layers.items() if whole]
    return f" It goes as far as {complete[-1]} (layer: {complete[-1]})." if complete else ""
