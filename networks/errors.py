"""The one error of networks."""

from __future__ import annotations

__all__ = ["NetworkError"]


class NetworkError(ValueError):
    """A network, a layer, weights or a device that cannot be had: a sentence for the user."""

    concerns_images = False  # whatever the images, so that none is named beside the message
