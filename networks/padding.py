"""Padding as TensorFlow does it, for networks that were trained there."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn
from torch.nn.functional import pad

__all__ = ["pad_as_tensorflow"]


class _SamePadding(nn.Module):
    """A convolution or pooling whose input is padded so that the output has ceil(size / stride) places."""

    def __init__(self, operation: nn.Conv2d | nn.MaxPool2d) -> None:
        super().__init__()
        self.kernel, self.stride = _pair(operation.kernel_size), _pair(operation.stride)
        self.border = 0.0 if isinstance(operation, nn.Conv2d) else -math.inf
        operation.padding = (0, 0)
        self.operation = operation

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        height, width = (_margins(x.shape[2 + axis], self.kernel[axis], self.stride[axis]) for axis in (0, 1))
        return self.operation(pad(x, (*width, *height), value=self.border))


def _pair(value: Any) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, tuple) else (value, value)


def _margins(size: int, kernel: int, stride: int) -> tuple[int, int]:
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def _strides(operation: nn.Conv2d | nn.MaxPool2d) -> bool:
    return max(_pair(operation.stride)) > 1


def _pads(operation: nn.Conv2d | nn.MaxPool2d) -> bool:
    return any(_pair(operation.padding))


def pad_as_tensorflow(network: nn.Module) -> nn.Module:
    """Let every convolution and pooling of stride 2 that pads do so as TensorFlow's ``"SAME"``.

    That is less above and left than below and right. At stride 1 the two agree; what does not pad
    (``"VALID"``) is left as it is. Weights are loaded before; the network is changed in place and returned.

    Examples
    --------
    >>> network = nn.Sequential(nn.Conv2d(1, 1, 3, stride=2, padding=1, bias=False))
    >>> _ = nn.init.ones_(network[0].weight)
    >>> image = torch.arange(16.0).reshape(1, 1, 4, 4)
    >>> network(image).flatten().tolist(), pad_as_tensorflow(network)(image).flatten().tolist()
    ([10.0, 24.0, 51.0, 90.0], [45.0, 39.0, 66.0, 50.0])
    """
    for name, child in network.named_children():
        if isinstance(child, nn.Conv2d | nn.MaxPool2d) and _strides(child) and _pads(child):
            setattr(network, name, _SamePadding(child))
        else:
            pad_as_tensorflow(child)
    return network
