"""COV-19Net, a small convolutional network trained from nothing."""

from __future__ import annotations

import torch
from torch import nn

__all__ = ["COV19Net", "begin_as_keras"]


class COV19Net(nn.Module):
    """COV-19Net [1]_: three convolutions, two dense layers; 609,473 parameters for two classes.

    For images of 64×64 in three channels: convolution 32 3×3 without padding, ReLU, maximum of 2×2; twice the
    same, the last without pooling; 128 units, ReLU; one output, of which the sigmoid is the probability of
    the second class. For more than two classes one output each.

    Parameters
    ----------
    n_classes : int, default=2

    References
    ----------
    .. [1] Asif, Amjad (2020), Automatic COVID-19 detection from chest radiographic images using convolutional
       neural network, doi:10.1101/2020.11.08.20228080, Table I. Weights begin as in Keras, which it used:
       uniform after Glorot, biases 0.

    Examples
    --------
    >>> network = COV19Net()
    >>> network(torch.zeros(5, 3, 64, 64)).shape, sum(p.numel() for p in network.parameters())
    (torch.Size([5, 1]), 609473)
    """

    def __init__(self, n_classes: int = 2) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 32, 3)
        self.pool1 = nn.MaxPool2d(2)
        self.conv2 = nn.Conv2d(32, 32, 3)
        self.pool2 = nn.MaxPool2d(2)
        self.conv3 = nn.Conv2d(32, 32, 3)
        self.flatten = nn.Flatten()
        self.dense1 = nn.Linear(32 * 12 * 12, 128)
        self.dense2 = nn.Linear(128, 1 if n_classes == 2 else n_classes)
        begin_as_keras(self)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return the scores, shape (n, 1) or (n, n_classes), of images of shape (n, 3, 64, 64)."""
        return self.scores(self.maps(images))

    def maps(self, images: torch.Tensor) -> torch.Tensor:
        """Return what the last convolution gives, after its ReLU: shape (n, 32, 12, 12)."""
        x = self.pool1(torch.relu(self.conv1(images)))
        x = self.pool2(torch.relu(self.conv2(x)))
        return torch.relu(self.conv3(x))

    def scores(self, maps: torch.Tensor) -> torch.Tensor:
        """Return the scores of what :meth:`maps` gave."""
        return self.dense2(torch.relu(self.dense1(self.flatten(maps))))


def begin_as_keras(network: nn.Module) -> None:
    """Draw the weights of convolutions and dense layers as Keras does: uniform after Glorot, biases 0."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.xavier_uniform_(module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
