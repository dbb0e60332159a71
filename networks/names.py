"""Names of the networks there are, without importing any."""

from __future__ import annotations

import difflib
import importlib.metadata
import importlib.util
import re
from collections.abc import Iterable

__all__ = [
    "OWN",
    "TORCHVISION",
    "check_device",
    "check_model",
    "check_weights",
    "did_you_mean",
    "is_official",
    "version_of_package",
]

# fmt: off
TORCHVISION = (
    "alexnet", "convnext_base", "convnext_large", "convnext_small", "convnext_tiny", "densenet121",
    "densenet161", "densenet169", "densenet201", "efficientnet_b0", "efficientnet_b1", "efficientnet_b2",
    "efficientnet_b3", "efficientnet_b4", "efficientnet_b5", "efficientnet_b6", "efficientnet_b7",
    "efficientnet_v2_l", "efficientnet_v2_m", "efficientnet_v2_s", "googlenet", "inception_v3",
    "maxvit_t", "mnasnet0_5", "mnasnet0_75", "mnasnet1_0", "mnasnet1_3", "mobilenet_v2",
    "mobilenet_v3_large", "mobilenet_v3_small", "regnet_x_16gf", "regnet_x_1_6gf", "regnet_x_32gf",
    "regnet_x_3_2gf", "regnet_x_400mf", "regnet_x_800mf", "regnet_x_8gf", "regnet_y_128gf",
    "regnet_y_16gf", "regnet_y_1_6gf", "regnet_y_32gf", "regnet_y_3_2gf", "regnet_y_400mf",
    "regnet_y_800mf", "regnet_y_8gf", "resnet101", "resnet152", "resnet18", "resnet34", "resnet50",
    "resnext101_32x8d", "resnext101_64x4d", "resnext50_32x4d", "shufflenet_v2_x0_5",
    "shufflenet_v2_x1_0", "shufflenet_v2_x1_5", "shufflenet_v2_x2_0", "squeezenet1_0", "squeezenet1_1",
    "swin_b", "swin_s", "swin_t", "swin_v2_b", "swin_v2_s", "swin_v2_t", "vgg11", "vgg11_bn", "vgg13",
    "vgg13_bn", "vgg16", "vgg16_bn", "vgg19", "vgg19_bn", "vit_b_16", "vit_b_32", "vit_h_14", "vit_l_16",
    "vit_l_32", "wide_resnet101_2", "wide_resnet50_2",
)
# fmt: on
"""The classification networks of torchvision."""

OWN = ("mobilenet_v1", "xception")
"""The networks that torchvision lacks."""

EXTRAS = ("timm", "torchxrayvision")
"""Packages, each an optional extra of ours, whose networks are named ``package/name``."""

OFFICIAL_PREFIX = "IMAGENET1K_"


def check_model(model: str) -> None:
    """Refuse a network that does not exist; names of ``timm`` and ``torchxrayvision`` are checked by them.

    Raises
    ------
    ValueError
        With the nearest name, or how to install the package that has it.

    Examples
    --------
    >>> check_model("resnet18")
    >>> check_model("resnet19")
    Traceback (most recent call last):
    ValueError: there is no network 'resnet19'. Did you mean 'resnet18'? Networks: alexnet, ...
    """
    package, slash, name = model.partition("/")
    if slash and package in EXTRAS:
        if not name:
            raise ValueError(f"the network {model!r} lacks a name after the slash.")
        if importlib.util.find_spec(package) is None:
            install = f"pip install 'radsuite[{package}]'"
            raise ValueError(f"the network {model!r} needs the package {package}: {install}.")
        return
    known = (*OWN, *TORCHVISION)
    if model not in known:
        raise ValueError(
            f"there is no network {model!r}.{did_you_mean(model, known)}"
            f" Networks: {', '.join(sorted(known))}; timm/NAME and torchxrayvision/NAME where installed."
        )


def version_of_package(model: str) -> str | None:
    """Return the version of the package that has a network, of those whose networks may change with it.

    Examples
    --------
    >>> version_of_package("resnet18") is None
    True
    """
    package, slash, _ = model.partition("/")
    if not slash or package not in EXTRAS or importlib.util.find_spec(package) is None:
        return None
    return importlib.metadata.version(package)


def check_weights(weights: str) -> None:
    """Refuse what can be neither a set of weights nor a file of them.

    Examples
    --------
    >>> check_weights("imagenet"), check_weights("random"), check_weights("weights/mine.safetensors")
    (None, None, None)
    >>> check_weights("imagnet")
    Traceback (most recent call last):
    ValueError: weights are 'imagenet', 'random', a set of torchvision's (IMAGENET1K_V2) or a file (.pth, .pt,
    .safetensors). Got 'imagnet'. Did you mean 'imagenet'?
    """
    if weights in ("imagenet", "random") or is_official(weights):
        return
    if not weights.endswith((".pth", ".pt", ".safetensors")):
        raise ValueError(
            "weights are 'imagenet', 'random', a set of torchvision's (IMAGENET1K_V2) or a file (.pth, .pt,"
            f" .safetensors). Got {weights!r}.{did_you_mean(weights, ('imagenet', 'random'))}"
        )


def check_device(device: str) -> None:
    """Refuse what names no device; whether it is there is seen when it is used.

    Examples
    --------
    >>> check_device("cuda:1")
    >>> check_device("gpu")
    Traceback (most recent call last):
    ValueError: devices are auto, cpu, cuda, cuda:N and mps. Got 'gpu'.
    """
    if not re.fullmatch(r"auto|cpu|mps|cuda(:[0-9]+)?", device):
        raise ValueError(f"devices are auto, cpu, cuda, cuda:N and mps. Got {device!r}.")


def is_official(weights: str) -> bool:
    """Tell whether weights are those that a package publishes for its network."""
    return weights == "imagenet" or weights.startswith(OFFICIAL_PREFIX)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a hint at the nearest known name, or nothing."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f" Did you mean {near[0]!r}?" if near else ""
