"""MobileNet v1, which torchvision lacks."""

from __future__ import annotations

import torch
from torch import nn

__all__ = ["MobileNetV1"]

WIDTHS_AND_STRIDES = [
    (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1),
]  # fmt: skip


class MobileNetV1(nn.Module):
    """MobileNet v1 of width 1 [1]_: 4,231,976 parameters with 1,000 classes.

    A 3×3 convolution of stride 2, then thirteen pairs of a depthwise 3×3 and a pointwise 1×1 convolution,
    each followed by batch normalisation (ε 1e-3, as in the published weights) and ReLU6; global average
    pooling; one linear layer. Images are padded by one pixel on each side at each 3×3 convolution; networks
    that were trained in TensorFlow padded otherwise, see :func:`networks.padding.pad_as_tensorflow`.

    Parameters
    ----------
    num_classes : int, default=1000
        Outputs.

    References
    ----------
    .. [1] Howard et al. (2017), MobileNets: efficient convolutional neural networks for mobile vision
       applications, arXiv:1704.04861, Table 1.

    Examples
    --------
    >>> network = MobileNetV1().eval()
    >>> network(torch.zeros(1, 3, 224, 224)).shape, sum(p.numel() for p in network.parameters())
    (torch.Size([1, 1000]), 4231976)
    """

    def __init__(self, num_classes: int = 1000) -> None:
        super().__init__()
        layers = [_convolution(3, 32, stride=2)]
        before = 32
        for width, stride in WIDTHS_AND_STRIDES:
            layers.append(_convolution(before, before, stride=stride, groups=before))
            layers.append(_convolution(before, width, kernel_size=1))
            before = width
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.classifier = nn.Linear(before, num_classes)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return the scores of the classes, shape (n, num_classes), of images of shape (n, 3, H, W)."""
        return self.classifier(self.flatten(self.avgpool(self.features(images))))


def _convolution(
    before: int, width: int, kernel_size: int = 3, stride: int = 1, groups: int = 1
) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, width, kernel_size, stride, kernel_size // 2, groups=groups, bias=False),
        nn.BatchNorm2d(width, eps=1e-3),
        nn.ReLU6(inplace=True),
    )
