"""Grad-CAM: what in a picture speaks for a class, by captum."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import torch
from captum.attr import LayerAttribution, LayerGradCam
from torch import nn

from networks.catalogue import InputFormat
from networks.errors import NetworkError
from networks.pictures import normalized

__all__ = ["InTwoParts", "grad_cam"]


class InTwoParts(Protocol):
    """A network whose forward pass is ``scores(maps(images))``."""

    def maps(self, images: torch.Tensor) -> torch.Tensor:
        """Return what the last layer with places gives, shape (n, c, h, w)."""

    def scores(self, maps: torch.Tensor) -> torch.Tensor:
        """Return the scores, shape (n, k), or (n, 1) for two classes."""


class _Observed(nn.Module):
    """A network with a place for captum to look at: between its two parts.

    Gradients are those of the second part alone, so that the first keeps nothing in memory.
    """

    def __init__(self, network: InTwoParts) -> None:
        super().__init__()
        self.network = network
        self.between = nn.Identity()

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            maps = self.network.maps(images)
        if maps.ndim != 4 or maps.shape[2:].numel() == 1:
            shape = "×".join(str(length) for length in maps.shape[1:])
            raise NetworkError(f"Grad-CAM needs a layer with places; the last one gives {shape}.")
        scores = self.network.scores(self.between(maps))
        return torch.cat([-scores, scores], dim=1) if scores.shape[1] == 1 else scores


def grad_cam(
    network: InTwoParts,
    pictures: torch.Tensor,
    classes: torch.Tensor,
    form: InputFormat,
    device: torch.device,
    batch_size: int = 32,
) -> np.ndarray:
    """Heat maps of pictures: where what speaks for a class is seen [1]_.

    With A the c maps of the last layer that has places, and s the score of the class before softmax, the map
    is ReLU(Σ_c a_c A_c), where a_c is the mean over places of ∂s/∂A_c; it is brought to the size of the
    picture bilinearly and divided by its sum. Where two classes share one score, that of the first class
    is its negative. Computed in float32.

    Parameters
    ----------
    network : InTwoParts
        A trained network.
    pictures : Tensor of shape (n, 1, H, W)
        Gray values from 0 to 1.
    classes : Tensor of int64, shape (n,)
        Position of the class to explain for each picture.
    form : InputFormat
        How the network's pictures are normalised.
    device : torch.device
        Where it is computed.
    batch_size : int, default=32
        Pictures at a time.

    Returns
    -------
    ndarray of float32, shape (n, H, W)
        Each map sums to 1; or it is 0 everywhere, where no place speaks for the class.

    Raises
    ------
    NetworkError
        When the layer that the head begins with has no places, as that of a vision transformer.

    References
    ----------
    .. [1] Selvaraju et al. (2017), Grad-CAM: visual explanations from deep networks via gradient-based
       localization, ICCV, doi:10.1109/ICCV.2017.74. The layer: captum's ``LayerGradCam``.
    """
    observed = _Observed(network).to(device).eval()
    method = LayerGradCam(observed, observed.between)
    parts = []
    for some, targets in zip(pictures.split(batch_size), classes.split(batch_size), strict=True):
        inputs = normalized(some.to(device), form)
        maps = method.attribute(inputs, target=targets.to(device), relu_attributions=True)
        parts.append(LayerAttribution.interpolate(maps.detach(), tuple(some.shape[2:]), "bilinear").cpu())
    observed.cpu()
    return _shares(torch.cat(parts)[:, 0].float().numpy())


def _shares(maps: np.ndarray) -> np.ndarray:
    """Divide each map by its sum; one of zeros stays as it is."""
    sums = maps.sum(axis=(1, 2), keepdims=True, dtype=np.float64)
    return np.divide(maps, sums, out=np.zeros_like(maps), where=sums > 0)
