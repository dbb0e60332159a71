"""Networks of the package timm, ``timm/NAME``: built, what they take, their weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import nn

from networks.catalogue import InputFormat
from networks.errors import NetworkError
from networks.names import did_you_mean
from networks.weights_files import find_weights, places

__all__ = ["build", "input_format", "official_file", "without_head"]

FILE = "model.safetensors"


def _config(name: str) -> Any:
    """Return what timm knows of the weights of a network; its tag (``resnet18.a1_in1k``) names a set.

    Raises
    ------
    NetworkError
        When there is no such network or no such set: with the nearest names.
    """
    import timm

    architecture, _, tag = name.partition(".")
    if not timm.is_model(architecture):
        raise NetworkError(
            f"timm has no network {architecture!r}.{did_you_mean(architecture, timm.list_models())}"
        )
    tags = [entry.partition(".")[2] for entry in timm.list_pretrained(f"{architecture}.*")]
    if tag and tag not in tags:
        hint = did_you_mean(tag, tags)
        raise NetworkError(f"timm/{architecture} has no weights {tag!r}.{hint} It has: {', '.join(tags)}.")
    config = timm.get_pretrained_cfg(name)
    if config is None:
        raise NetworkError(f"timm/{name}: timm does not say what images the network takes; choose another.")
    return config


def build(name: str, size: int | None = None) -> nn.Module:
    """Build a network with random weights; one of a fixed size of images for the size asked for.

    Parameters
    ----------
    name : str
        As timm has it, with or without a tag.
    size : int or None
        Height and width of the images; None: the network's own.

    Raises
    ------
    NetworkError
        When there is no such network, or none for this size.
    """
    import timm

    options = {"img_size": size} if _config(name).fixed_input_size and size is not None else {}
    try:
        return timm.create_model(name, pretrained=False, **options)
    except (AssertionError, ValueError, TypeError) as error:
        raise NetworkError(f"timm/{name} cannot be built for images of {size} pixels ({error}).") from None


def input_format(name: str) -> InputFormat:
    """Return what a network takes, as timm resolves it for evaluation."""
    import timm

    config = _config(name)
    resolved = timm.data.resolve_data_config(pretrained_cfg=config.to_dict())
    channels, size, _ = resolved["input_size"]
    return InputFormat(
        size=size,
        short_side=int(size / resolved["crop_pct"]),
        mean=tuple(resolved["mean"]),
        std=tuple(resolved["std"]),
        interpolation=resolved["interpolation"],
        minimum=max((config.min_input_size or (1, 1, 1))[1:]),
        channels=channels,
    )


def without_head(network: nn.Module) -> nn.Module:
    """Take the last layer off, so that the network gives what it gets: pooled, as timm does it."""
    network.reset_classifier(0)  # type: ignore[operator]
    return network


def official_file(name: str) -> Path:
    """Return the file of timm's weights of a network, downloaded from its hub where it is not at hand.

    Looked for as ``NAME.TAG.safetensors`` among the places of weights, and in the hub's cache.

    Raises
    ------
    NetworkError
        When it is not to be had: names the file, where it would be and how to get it.
    """
    config = _config(name)
    if not config.hf_hub_id:
        raise NetworkError(f"timm has no weights of {name}; name a file of them (weights: FILE.safetensors).")
    at_hand = f"{config.architecture}.{config.tag}.safetensors"
    found = find_weights(at_hand)
    return found if found is not None else _downloaded(config.hf_hub_id, at_hand)


def _downloaded(repository: str, at_hand: str) -> Path:
    import huggingface_hub

    try:
        return Path(huggingface_hub.hf_hub_download(repository, FILE))
    except Exception as error:  # of the network, of the hub, of the disk: all of its own kinds
        cache = huggingface_hub.constants.HF_HUB_CACHE
        looked = "; ".join(f"{known} ({path})" for known, path in places().items())
        reason = str(error).strip().split("\n", 1)[0]
        raise NetworkError(
            f"the weights {FILE} of {repository} are not at hand, and the hub did not give them ({reason})."
            f" Looked in: {looked} for {at_hand}; the hub's cache ({cache}). Where there is a network,"
            f" download https://huggingface.co/{repository}/resolve/main/{FILE}, put it into one of the"
            f" first as {at_hand}, or name it in the grid (weights: PATH)."
        ) from None
