"""Xception, which torchvision lacks."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import nn

__all__ = ["Xception"]


class Xception(nn.Module):
    """Xception [1]_: 22,855,952 parameters with 1,000 classes; images of 299×299.

    Two convolutions, twelve blocks of depthwise separable convolutions with a shortcut around each, two more
    separable convolutions, global average pooling, one linear layer. Names of layers are those of the
    implementations in PyTorch that go around (``conv1``, ``bn1``, ``block1`` … ``block12``, ``conv4``,
    ``bn4``, ``fc``), so that their weights load.

    Parameters
    ----------
    num_classes : int, default=1000
        Outputs.

    References
    ----------
    .. [1] Chollet (2017), Xception: deep learning with depthwise separable convolutions, CVPR, figure 5,
       doi:10.1109/CVPR.2017.195

    Examples
    --------
    >>> network = Xception().eval()
    >>> network(torch.zeros(1, 3, 96, 96)).shape, sum(p.numel() for p in network.parameters())
    (torch.Size([1, 1000]), 22855952)
    """

    def __init__(self, num_classes: int = 1000) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 32, 3, 2, bias=False)
        self.bn1 = nn.BatchNorm2d(32)
        self.conv2 = nn.Conv2d(32, 64, 3, bias=False)
        self.bn2 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.block1 = _Block([64, 128, 128], stride=2, relu_first=False)
        self.block2 = _Block([128, 256, 256], stride=2)
        self.block3 = _Block([256, 728, 728], stride=2)
        for number in range(4, 12):
            setattr(self, f"block{number}", _Block([728, 728, 728, 728]))
        self.block12 = _Block([728, 728, 1024], stride=2)
        self.conv3 = _Separable(1024, 1536)
        self.bn3 = nn.BatchNorm2d(1536)
        self.conv4 = _Separable(1536, 2048)
        self.bn4 = nn.BatchNorm2d(2048)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.fc = nn.Linear(2048, num_classes)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return the scores of the classes, shape (n, num_classes), of images of shape (n, 3, H, W)."""
        x = self.relu(self.bn1(self.conv1(images)))
        x = self.relu(self.bn2(self.conv2(x)))
        for number in range(1, 13):
            x = getattr(self, f"block{number}")(x)
        x = self.relu(self.bn3(self.conv3(x)))
        x = self.relu(self.bn4(self.conv4(x)))
        return self.fc(self.flatten(self.avgpool(x)))


class _Separable(nn.Module):
    """A depthwise 3×3 and a pointwise 1×1 convolution, nothing between them."""

    def __init__(self, before: int, width: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(before, before, 3, padding=1, groups=before, bias=False)
        self.pointwise = nn.Conv2d(before, width, 1, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.pointwise(self.conv1(x))


class _Block(nn.Module):
    """Separable convolutions, pooling where the stride is 2, and a shortcut around them."""

    def __init__(self, widths: list[int], stride: int = 1, relu_first: bool = True) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, width in pairwise(widths):
            layers += [nn.ReLU(), _Separable(before, width), nn.BatchNorm2d(width)]
        if not relu_first:
            del layers[0]
        if stride > 1:
            layers.append(nn.MaxPool2d(3, stride, 1))
        self.rep = nn.Sequential(*layers)
        shortened = stride > 1 or widths[0] != widths[-1]
        self.skip = nn.Conv2d(widths[0], widths[-1], 1, stride, bias=False) if shortened else None
        self.skipbn = nn.BatchNorm2d(widths[-1]) if shortened else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        around = x if self.skip is None or self.skipbn is None else self.skipbn(self.skip(x))
        return self.rep(x) + around
