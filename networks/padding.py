"""Padding as TensorFlow does it, for networks that were trained there."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.functional import pad

__all__ = ["pad_as_tensorflow"]


class _SamePadding(nn.Module):
    """A convolution whose input is padded so that the output has ceil(size / stride) places."""

    def __init__(self, convolution: nn.Conv2d) -> None:
        super().__init__()
        self.convolution = convolution

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        height, width = (
            _margins(x.shape[2 + axis], self.convolution.kernel_size[axis], self.convolution.stride[axis])
            for axis in (0, 1)
        )
        return self.convolution(pad(x, (*width, *height)))


def _margins(size: int, kernel: int, stride: int) -> tuple[int, int]:
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def pad_as_tensorflow(network: nn.Module) -> nn.Module:
    """Let every convolution of stride 2 pad as TensorFlow's ``"SAME"`` does.

    That is less above and left than below and right. At stride 1 the two agree. Weights are loaded before;
    the network is changed in place and returned.

    Examples
    --------
    >>> network = nn.Sequential(nn.Conv2d(1, 1, 3, stride=2, padding=1, bias=False))
    >>> _ = nn.init.ones_(network[0].weight)
    >>> image = torch.arange(16.0).reshape(1, 1, 4, 4)
    >>> network(image).flatten().tolist(), pad_as_tensorflow(network)(image).flatten().tolist()
    ([10.0, 24.0, 51.0, 90.0], [45.0, 39.0, 66.0, 50.0])
    """
    for name, child in network.named_children():
        if isinstance(child, nn.Conv2d) and max(child.stride) > 1:
            child.padding = (0, 0)
            setattr(network, name, _SamePadding(child))
        else:
            pad_as_tensorflow(child)
    return network
