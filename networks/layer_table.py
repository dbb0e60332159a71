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
        ``trainable``. A layer that computes twice has its parameters the first time; parameters of no layer
        come at the end.

    Examples
    --------
    >>> from networks.cov19net import COV19Net
    >>> for row in layer_table(COV19Net(), torch.zeros(1, 3, 64, 64))[:2]:
    ...     print(row)
    {'layer': 'conv1 (Conv2d)', 'output_shape': [62, 62, 32], 'parameters': 896, 'trainable': 896}
    {'layer': 'pool1 (MaxPool2d)', 'output_shape': [31, 31, 32], 'parameters': 0, 'trainable': 0}
    """
    rows: list[dict[str, Any]] = []
    counted: set[nn.Parameter] = set()
    handles = [
        module.register_forward_hook(_recorder(rows, counted, name))
        for name, module in network.named_modules()
        if isinstance(module, nn.MultiheadAttention) or not list(module.children())
    ]
    training = network.training
    try:
        with torch.inference_mode():
            network.eval()(inputs)
    finally:
        network.train(training)
        for handle in handles:
            handle.remove()
    return rows + [_of_no_layer(name, p) for name, p in network.named_parameters() if p not in counted]


def _recorder(rows: list[dict[str, Any]], counted: set[nn.Parameter], name: str) -> Any:
    def record(module: nn.Module, inputs: Any, output: Any) -> None:
        own = [p for p in module.parameters() if p not in counted]
        counted.update(own)
        rows.append(_row(f"{name} ({type(module).__name__})", _shape(output), own))

    return record


def _of_no_layer(name: str, parameter: nn.Parameter) -> dict[str, Any]:
    """Return the record of a parameter that belongs to no layer of torch's: a transformer's first token."""
    return _row(f"{name} (Parameter)", list(parameter.shape), [parameter])


def _row(layer: str, shape: list[int], parameters: list[nn.Parameter]) -> dict[str, Any]:
    return {
        "layer": layer,
        "output_shape": shape,
        "parameters": sum(p.numel() for p in parameters),
        "trainable": sum(p.numel() for p in parameters if p.requires_grad),
    }


def _shape(output: Any) -> list[int]:
    if isinstance(output, tuple) and output:  # of attention: what it gives, and its weights
        output = output[0]
    if not isinstance(output, torch.Tensor):
        return []
    shape = list(output.shape[1:])
    return [*shape[1:], shape[0]] if output.ndim == 4 else shape
