"""Width and height: what can be told from an image without looking at it."""

from __future__ import annotations

from feature_extractors._base import FeatureExtractor

__all__ = ["ImageSize"]


class ImageSize(FeatureExtractor):
    """Width, height, aspect ratio and number of pixels: a baseline that reveals shortcuts [1]_.

    Where the classes of a data set come from different hospitals or collections, the size of the
    images alone may tell them apart. A classifier that does well on these four numbers has learnt
    where an image comes from, not what it shows, and so may have any other on the same data.
    Preprocessing that equalises sizes hides this from the table, not from the pixels: use it on images
    as they are.

    Features: ``image_size_width`` and ``image_size_height`` in pixels, ``image_size_aspect_ratio`` =
    width / height, ``image_size_n_pixels`` = width · height. A region of interest is ignored.

    References
    ----------
    .. [1] DeGrave, Janizek, Lee (2021), AI for radiographic COVID-19 detection selects shortcuts over
       signal, Nature Machine Intelligence 3, doi:10.1038/s42256-021-00338-7

    Examples
    --------
    >>> import numpy as np
    >>> ImageSize().fit_transform([np.zeros((3, 6)), np.zeros((4, 4))])
    array([[ 6.,  3.,  2., 18.],
           [ 4.,  4.,  1., 16.]])
    """

    def _names(self, image):
        return [f"image_size_{name}" for name in ("width", "height", "aspect_ratio", "n_pixels")]

    def _extract(self, image):
        height, width = image.shape
        return width, height, width / height, width * height
