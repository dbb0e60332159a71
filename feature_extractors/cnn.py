"""Frozen convolutional networks and vision transformers: what a layer of theirs gives, as features."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Integral, Real
from typing import ClassVar

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions

from feature_extractors._base import FeatureExtractor

__all__ = ["CNN"]

NOT_DECISIVE = ("batch_size", "compile", "device")
"""Parameters that say how features are computed, not which."""


class CNN(FeatureExtractor):
    """Output of a layer of a frozen network: deep features, "transfer values" [1]_.

    Each image is brought to the size of the network, its gray values are mapped to 0 … 1, repeated in the
    three channels and normalised as the weights expect; the output of the layer is pooled. The network is in
    evaluation mode and learns nothing. Features: ``cnn_inception_v3_0`` …; with a layer named:
    ``cnn_inception_v3_Mixed_7a_0`` ….

    Outside a region of interest images are 0, the smallest value of the region.

    Parameters
    ----------
    model : str, default="resnet18"
        A classification network of torchvision [2]_, ``mobilenet_v1`` [3]_ or ``xception`` [4]_; with the
        packages of that name installed, ``timm/NAME`` or ``torchxrayvision/WEIGHTS``.
    weights : str, default="imagenet"
        ``imagenet``: the first that torchvision published (``IMAGENET1K_V1``), trained on 1.3 million
        photographs (of a network of another package, what that published); another set of torchvision's
        by its name (``IMAGENET1K_V2``); a file (.pth, .pt, .safetensors); or ``random``: no training at
        all, a baseline that tables show as such. Files are looked for at the path given (beside the grid),
        in the folder ``$SUITE_WEIGHTS`` and in torch's cache; official ones are downloaded there. No code
        that a file may hold is run.
    layer : str or None, default=None
        The layer whose output is wanted: a node of torchvision's ``get_graph_node_names``. None: what goes
        into the head that tells the classes apart (of VGG and AlexNet the last convolution). ``spatial``: the
        last layer before the head that still has places. A file needs the weights up to this layer only.
    pool : {"avg", "max", "none"}, default="avg"
        Mean or maximum over places, or every value.
    size : int or None, default=None
        Height and width of the images that the network gets; None: those it was trained with.
    resize : {"stretch", "crop"}, default="stretch"
        Stretch: the whole image is brought to the size. Crop: its short side is brought to the network's own
        length and the centre cut out, as torchvision does with photographs; the border of the image is lost.
    gray_range : (float, float) or None, default=None
        Gray values that become 0 and 1; what lies beyond is cut. None: smallest and largest of each image.
    mean, std : sequence of 3 floats or None, default=None
        Normalisation of the channels; None: the network's own.
    padding : {"torch", "tensorflow"}, default="torch"
        How convolutions of stride 2 pad. Weights that were trained in TensorFlow were trained with its
        ``"SAME"`` padding, less above and left than below and right.
    precision : {"auto", "float32", "bfloat16", "float16"}, default="auto"
        Auto: bfloat16 (float16) where the device is fast at it, if the features of eight fixed pictures
        agree with float32 to a cosine of 0.999; else float32.
    compile : bool, default=False
        Whether ``torch.compile`` is used: slow to begin, faster afterwards.
    batch_size : int or None, default=None
        Images at a time. None: 8 on a CPU, elsewhere as many as half of the free memory holds.
    device : str, default="auto"
        ``auto`` (a GPU if there is one), ``cpu``, ``cuda``, ``cuda:N`` or ``mps``.
    random_state : int, default=0
        Seed of random weights.

    Attributes
    ----------
    precision_ : str
        In what precision the last features were computed.
    agreement_ : float or None
        Least cosine between such features and those of float32, of the first images; None for float32.

    Raises
    ------
    NetworkError
        When the network, the layer, the weights or the device are not to be had; a ValueError.

    References
    ----------
    .. [1] Sharif Razavian et al. (2014), CNN features off-the-shelf: an astounding baseline for recognition,
       CVPR workshops, doi:10.1109/CVPRW.2014.131
    .. [2] https://pytorch.org/vision/stable/models.html
    .. [3] Howard et al. (2017), MobileNets, arXiv:1704.04861
    .. [4] Chollet (2017), Xception, doi:10.1109/CVPR.2017.195

    Examples
    --------
    >>> image = np.arange(64 * 64).reshape(64, 64)
    >>> cnn = CNN(model="squeezenet1_1", weights="random", size=64).fit([image])
    >>> cnn.transform([image]).shape, cnn.get_feature_names_out()[:2].tolist()
    ((1, 512), ['cnn_squeezenet1_1_0', 'cnn_squeezenet1_1_1'])
    """

    DTYPE: ClassVar[type] = np.float32
    FILES: ClassVar[tuple[str, ...]] = ("weights",)

    _parameter_constraints: ClassVar[dict] = {
        "model": [str],
        "weights": [str],
        "layer": [str, None],
        "pool": [StrOptions({"avg", "max", "none"})],
        "size": [Interval(Integral, 1, None, closed="left"), None],
        "resize": [StrOptions({"stretch", "crop"})],
        "gray_range": [list, tuple, None],
        "mean": [list, tuple, None],
        "std": [list, tuple, None],
        "padding": [StrOptions({"torch", "tensorflow"})],
        "precision": [StrOptions({"auto", "float32", "bfloat16", "float16"})],
        "compile": [bool, np.bool_],
        "batch_size": [Interval(Integral, 1, None, closed="left"), None],
        "device": [str],
        "random_state": [Interval(Integral, 0, 2**31, closed="left")],
    }

    def __init__(
        self,
        model="resnet18",
        weights="imagenet",
        layer=None,
        pool="avg",
        size=None,
        resize="stretch",
        gray_range=None,
        mean=None,
        std=None,
        padding="torch",
        precision="auto",
        compile=False,
        batch_size=None,
        device="auto",
        random_state=0,
    ):
        self.model = model
        self.weights = weights
        self.layer = layer
        self.pool = pool
        self.size = size
        self.resize = resize
        self.gray_range = gray_range
        self.mean = mean
        self.std = std
        self.padding = padding
        self.precision = precision
        self.compile = compile
        self.batch_size = batch_size
        self.device = device
        self.random_state = random_state

    def check_parameters(self):
        """Raise a ValueError (or TypeError) that names the first parameter with a bad value."""
        from networks.names import check_device, check_model, check_weights

        super().check_parameters()
        for name, check in (("model", check_model), ("weights", check_weights), ("device", check_device)):
            try:
                check(getattr(self, name))
            except ValueError as error:
                raise ValueError(f"The {name!r} parameter of CNN: {error}") from None
        _check_numbers("gray_range", self.gray_range, 2)
        _check_numbers("mean", self.mean, 3)
        _check_numbers("std", self.std, 3)

    def identity(self):
        """Return what decides the features: of a file of weights its content, not its place."""
        from networks.names import version_of_package
        from networks.weights_files import identity_of

        decisive = {
            name: value for name, value in self.get_params(deep=False).items() if name not in NOT_DECISIVE
        }
        if self.weights != "random":
            del decisive["random_state"]
        package = {"package": version} if (version := version_of_package(self.model)) else {}
        return decisive | {"weights": identity_of(self.weights)} | package

    def remarks(self):
        """Return what a table must say beside these features."""
        return ("random weights",) if self.weights == "random" else ()

    def transform(self, X):
        """Compute the features of each image, ndarray of float32 of shape (n_samples, n_features)."""
        self.get_feature_names_out()  # refuses one that is not fitted
        return self.features_of(self.prepare(X))

    def prepare(self, X):
        """Bring images to what the network takes, without computing it.

        Returns
        -------
        ndarray of float32, shape (n_samples, 1, size, size)
            From 0 to 1. Many processes can prepare images for one that owns a device.
        """
        from networks.source import pictures_of

        return pictures_of(self._source(), self._check_images(X)).numpy()

    def features_of(self, pictures):
        """Compute the features of what :meth:`prepare` gave, of shape (n_samples, n_features)."""
        import torch

        computed = self._embedder().compute(torch.from_numpy(pictures))
        self.precision_, self.agreement_ = computed.precision, computed.agreement
        return computed.features

    def _names(self, image):
        place = f"{self.model}_{self.layer}" if self.layer else self.model
        prefix = f"cnn_{place.replace('/', '_')}"
        return [f"{prefix}_{index}" for index in range(self._embedder().n_features)]

    def _extract(self, image):
        return self.transform([image])[0]

    def _embedder(self):
        from networks.embedding import embedder

        return embedder(self._source(), self.precision, self.device, self.batch_size, bool(self.compile))

    def _source(self):
        from networks.source import Source

        return Source(
            model=self.model,
            weights=self.weights,
            layer=self.layer,
            pool=self.pool,
            size=self.size,
            resize=self.resize,
            gray_range=_numbers(self.gray_range),
            mean=_numbers(self.mean),
            std=_numbers(self.std),
            padding=self.padding,
            seed=self.random_state,
        )


def _check_numbers(name, values, length):
    if values is None:
        return
    right = isinstance(values, Sequence) and len(values) == length and all(map(_is_finite, values))
    if not right or (name == "gray_range" and values[0] >= values[1]) or (name == "std" and min(values) <= 0):
        what = {"gray_range": "two numbers, the smaller first", "std": "three numbers above 0"}
        wanted = what.get(name, "three numbers")
        raise ValueError(f"The {name!r} parameter of CNN must be {wanted}. Got {values!r} instead.")


def _is_finite(value):
    return isinstance(value, Real) and math.isfinite(value)


def _numbers(values):
    return None if values is None else tuple(map(float, values))
