"""The layers of a network as a table: what comes out of each, and how many parameters it has."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

__all__ = ["layer_table"]


def layer_table(network: nn.Module, inputs: torch.Tensor) -> list[dict[str, Any]]:
    """Return one record a layer, in the order in which they compute.

    Parameters
    ----------
    network : Module
    inputs : Tensor
        A batch it takes; one sample is enough.

    Returns
    -------
    list of dict
        ``layer`` (name and kind), ``output_shape`` (channels last, without the batch), ``parameters``,
        ``trainable``.

    Examples
    --------
    >>> from networks.cov19net import COV19Net
    >>> for row in layer_table(COV19Net(), torch.zeros(1, 3, 64, 64))[:2]:
    ...     print(row)
    {'layer': 'conv1 (Conv2d)', 'output_shape': [62, 62, 32], 'parameters': 896, 'trainable': 896}
    {'layer': 'pool1 (MaxPool2d)', 'output_shape': [31, 31, 32], 'parameters': 0, 'trainable': 0}
    """
    rows: list[dict[str, Any]] = []
    handles = [
        module.register_forward_hook(_recorder(rows, name))
        for name, module in network.named_modules()
        if not list(module.children())
    ]
    training = network.training
    try:
        with torch.inference_mode():
            network.eval()(inputs)
    finally:
        network.train(training)
        for handle in handles:
            handle.remove()
    return rows


def _recorder(rows: list[dict[str, Any]], name: str) -> Any:
    def record(module: nn.Module, inputs: Any, output: Any) -> None:
        own = list(module.parameters(recurse=False))
        rows.append(
            {
                "layer": f"{name} ({type(module).__name__})",
                "output_shape": _shape(output),
                "parameters": sum(p.numel() for p in own),
                "trainable": sum(p.numel() for p in own if p.requires_grad),
            }
        )

    return record


def _shape(output: Any) -> list[int]:
    if not isinstance(output, torch.Tensor):
        return []
    shape = list(output.shape[1:])
    return [*shape[1:], shape[0]] if output.ndim == 4 else shape
