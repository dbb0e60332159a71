"""A network up to one of its layers, and what comes out there as a vector."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import torch
from torch import nn
from torchvision.models.feature_extraction import create_feature_extractor, get_graph_node_names

from networks.errors import NetworkError
from networks.names import did_you_mean
from networks.packages import package_of

__all__ = [
    "FEATURES",
    "SPATIAL",
    "as_vectors",
    "channels_first",
    "default_layer",
    "pooled",
    "spatial_layer",
    "up_to",
]

FEATURES = "features"
SPATIAL = "spatial"
"""Stands for the last layer before the head that still has places."""

LOOKED_BACK = 12  # nodes
WITHOUT_HEAD = "without_head"
"""Stands for all but the last layer, where a package knows how to take it off."""

HEADS = ("fc", "classifier", "heads", "head")
BEFORE_POOLING = {"vgg": "features", "alexnet": "features", "convnext": "classifier.1"}
"""Networks of which the input of the head is not what is meant: dense layers, or no normalisation yet."""

CHANNELS_LAST = {
    "swin": re.compile(r"features(?!\.0\.0$)|norm"),  # all but the convolution at the beginning
    "convnext": re.compile(r"features\.\d+\.\d+\.block\.[1-5]$"),  # within a block
}
"""Layers of a family whose outputs are of shape (n, h, w, c)."""


def default_layer(network: nn.Module, model: str) -> str:
    """Return the layer whose pooled output goes into the head that tells the classes apart.

    Examples
    --------
    >>> from networks.catalogue import build
    >>> default_layer(build("resnet18"), "resnet18"), default_layer(build("vgg11"), "vgg11")
    ('flatten', 'features')
    """
    if _head_taker(model):
        return WITHOUT_HEAD
    for family, layer in BEFORE_POOLING.items():
        if model.startswith(family):
            return layer
    nodes = _nodes(network, model)
    for head in HEADS:
        inside = [i for i, node in enumerate(nodes) if node == head or node.startswith(f"{head}.")]
        if inside:
            return nodes[inside[0] - 1]
    raise NetworkError(f"{model}: no head was found; name a layer.")


def _head_taker(model: str) -> Callable[[nn.Module], nn.Module] | None:
    """Return what takes the head off a network, where its package has that."""
    return getattr(package_of(model), "without_head", None)


def _nodes(network: nn.Module, model: str) -> list[str]:
    training = network.training
    try:
        _, nodes = get_graph_node_names(network, suppress_diff_warning=True)
    except Exception as error:  # whatever a network of another package does that cannot be traced
        reason = str(error).split("\n", 1)[0]
        raise NetworkError(
            f"{model}: its layers cannot be told ({reason}); leave layer out, or take another network."
        ) from error
    finally:
        network.train(training)
    return nodes


def up_to(network: nn.Module, layer: str, model: str) -> nn.Module:
    """Return the part of a network that the output of a layer needs, as a network that gives it.

    Parameters
    ----------
    layer : str
        A node of its graph: the name of a module, or of an operation (torchvision's
        ``get_graph_node_names``). A module stands for the last operation in it.

    Raises
    ------
    NetworkError
        When there is no such layer: with the nearest names.

    Returns
    -------
    Module
        Gives a mapping with the output under :data:`FEATURES`, or the output.

    Examples
    --------
    >>> from networks.catalogue import build
    >>> up_to(build("resnet18").eval(), "layer3", "resnet18")(torch.zeros(1, 3, 64, 64))[FEATURES].shape
    torch.Size([1, 256, 4, 4])
    """
    take_off = _head_taker(model)
    if take_off and layer == WITHOUT_HEAD:
        return take_off(network)
    if getattr(network, "output_fmt", "NCHW") != "NCHW":
        raise NetworkError(f"{model}: its inner layers have channels last; only the default one can be had.")
    nodes = _nodes(network, model)
    if not any(node == layer or node.startswith(f"{layer}.") for node in nodes):
        modules = [name for name, _ in network.named_modules()]
        hint = did_you_mean(layer, [*nodes, *modules])
        raise NetworkError(f"{model} has no layer {layer!r}.{hint} {_overview(nodes)}")
    return create_feature_extractor(network, {layer: FEATURES}, suppress_diff_warning=True)


def _overview(nodes: list[str]) -> str:
    outer = list(dict.fromkeys(node.split(".", 1)[0] for node in nodes))
    return f"Its layers, from the input on: {', '.join(outer)}; those within are named like {nodes[-2]}."


def pooled(output: object, n: int, pool: str, model: str, layer: str) -> torch.Tensor:
    """Make one vector of what a layer gives for each image.

    Parameters
    ----------
    output : Tensor of shape (n, d), (n, c, h, w) or, of a transformer, (n, tokens, d)
        Or a mapping with it.
    n : int
        How many images there are.
    pool : {"avg", "max", "none"}
        Mean or maximum over places (tokens), or all values one after the other.
    model, layer : str
        Of which the output is; some networks keep channels last.

    Returns
    -------
    Tensor of float32, shape (n, features)

    Raises
    ------
    NetworkError
        When the layer gives something else.
    """
    return as_vectors(channels_first(output, n, model, layer), pool)


def channels_first(output: object, n: int, model: str, layer: str) -> torch.Tensor:
    """Bring what a layer gives for n images to float32, and to shape (n, c, h, w) if it has places.

    Raises
    ------
    NetworkError
        When it gives something else than numbers for each image.
    """
    output = output[FEATURES] if isinstance(output, Mapping) else output
    if not isinstance(output, torch.Tensor) or output.ndim < 2 or len(output) != n:
        raise NetworkError(f"{model}: {layer} gives no numbers for each image; name another layer.")
    output = output.float()
    return output.movedim(-1, 1) if output.ndim == 4 and _has_channels_last(model, layer) else output


def as_vectors(output: torch.Tensor, pool: str) -> torch.Tensor:
    """Pool outputs whose channels come first; see :func:`pooled`."""
    if output.ndim == 3:
        output = output.transpose(1, 2)
    if output.ndim <= 2 or pool == "none":
        return output.flatten(1)
    places = output.flatten(2)
    return places.mean(2) if pool == "avg" else places.amax(2)


def spatial_layer(network: nn.Module, model: str, size: int) -> str:
    """Return the last layer before the head whose output has places, (n, c, h, w); else the default one.

    Examples
    --------
    >>> from networks.catalogue import build
    >>> spatial_layer(build("resnet18").eval(), "resnet18", 64)
    'layer4.1.relu_1'
    """
    if model.startswith("convnext"):  # between pooling and head it has one more place with two axes
        return "features"
    last = default_layer(network, model)
    if last == WITHOUT_HEAD:
        return last
    nodes = _nodes(network, model)
    end = max(i for i, node in enumerate(nodes) if node == last or node.startswith(f"{last}."))
    candidates = nodes[max(1, end - LOOKED_BACK) : end + 1]
    parts = create_feature_extractor(network, candidates, suppress_diff_warning=True)
    with torch.inference_mode():
        outputs = parts(torch.zeros(1, 3, size, size))
    spatial = [n for n in candidates if _has_places(outputs[n])]
    return spatial[-1] if spatial else last


def _has_places(output: object) -> bool:
    return isinstance(output, torch.Tensor) and output.ndim == 4 and output.shape[2:].numel() > 1


def _has_channels_last(model: str, layer: str) -> bool:
    families = (layers for family, layers in CHANNELS_LAST.items() if model.startswith(family))
    return any(layers.match(layer) for layers in families)
