"""A trained network with a new head: the head alone, its last layers or all of it trained further."""

from __future__ import annotations

from dataclasses import replace
from numbers import Integral
from typing import ClassVar

from sklearn.utils._param_validation import Interval, StrOptions

from classifiers._image_base import ImageClassifier
from networks.head_specs import POOLS, head_spec
from networks.names import check_model, check_weights
from networks.weights_files import identity_of

__all__ = ["FineTunedCNN"]


class FineTunedCNN(ImageClassifier):
    """Transfer learning [1]_: a network trained on photographs gets a new head and is trained further.

    Images are brought to the size of the network, their gray values to 0 … 1, repeated in three channels and
    normalised as its weights expect. What is frozen stays as it is, batch normalisation included. When the
    whole backbone is frozen and nothing is augmented, what it gives is computed once for each image, and
    shared by all folds; the result is the same.

    Parameters
    ----------
    model : str, default="mobilenet_v2"
        A classification network of torchvision, ``mobilenet_v1`` or ``xception``.
    weights : str, default="imagenet"
        ``imagenet``, another set of torchvision's (``IMAGENET1K_V2``), a file (.pth, .pt, .safetensors), or
        ``random``: trained from nothing, shown as such. See :class:`feature_extractors.cnn.CNN`.
    layer : str or None, default=None
        Where the head begins. None: the last layer that still has places.
    train : {"head", "all"} or int, default="head"
        What is trained: the new head alone; everything; or the head and so many last layers (batch
        normalisation is not counted, and keeps the statistics of its weights). With random weights:
        everything, statistics too.
    head : str or list, default="linear"
        ``linear``: global average pooling and one linear layer. ``vgg19_mobilenet``: flatten, 512, 256 [2]_.
        ``inception_xception``: global average pooling, batch normalisation, 128, dropout 0.5 [3]_. Or a list
        of ``flatten``, ``global_average_pooling``, ``global_max_pooling`` (one of these first),
        ``batch_norm``, ``{dropout: 0.5}`` and numbers of units (dense, ReLU).
    size : int or None, default=None
        Height and width of what the network gets; None: those it was trained with.
    padding : {"torch", "tensorflow"}, default="torch"
        How convolutions of stride 2 pad; weights from TensorFlow were trained with its own way.
    epochs : int, default=50
        Passes over the training images, or rounds of ``steps_per_epoch`` batches.
    batch_size : int, default=32
        Images of a batch.
    steps_per_epoch : int or None, default=None
        Batches of an epoch; None: as many as the training images fill.
    optimizer : {"adam", "adamw", "rmsprop", "sgd"}, default="adam"
        How weights follow gradients.
    learning_rate : float, default=0.001
        Size of a step.
    weight_decay : float, default=0.0
        L2 penalty of the weights (of adamw: decoupled).
    momentum : float, default=0.9
        Of sgd and rmsprop.
    schedule : {"constant", "cosine", "step"}, default="constant"
        Course of the learning rate; step: a tenth after each third of the epochs.
    early_stopping : int or None, default=None
        Epochs without a smaller validation loss after which training stops; the weights are the best epoch's.
    validation_size : float or None, default=None
        Share of the training images that is held out for validation: stratified, no patient divided. None:
        0.15 with early stopping, else none.
    augment : str, list or None, default=None
        A named augmentation (``cov19net``, …) or a list of its steps; of training images alone, anew in every
        epoch.
    class_weight : "balanced", dict or None, default=None
        Weight of each class in the loss: n_samples / (n_classes * n_c), or those of a mapping from label to
        weight, or all the same.
    gray_range : (float, float) or None, default=None
        Gray values that become 0 and 1. None: smallest and largest of each image.
    precision : {"auto", "float32"}, default="auto"
        Auto: bfloat16 where the device is fast at it.
    device : str, default="auto"
        ``auto`` (a GPU if there is one), ``cpu``, ``cuda``, ``cuda:N`` or ``mps``.
    checkpoint : str or None, default=None
        File in which the state is kept after each epoch, so that an interrupted training goes on from there.
    random_state : int, default=0
        Seed of everything random.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The classes, sorted.
    network_ : torch.nn.Module
        The trained network, on the CPU.
    history_ : list of dict
        Of each epoch: loss and accuracy of training and validation, seconds, learning rate.
    layers_ : list of dict
        Of each layer: output shape and parameters.
    n_parameters_, n_parameters_trainable_ : int
        Numbers of parameters.
    peak_memory_ : int or None
        Bytes that training took at most.

    References
    ----------
    .. [1] Yosinski et al. (2014), How transferable are features in deep neural networks? arXiv:1411.1792
    .. [2] Dense layers of 512 and 256 units on VGG19 and MobileNet, frozen.
    .. [3] Dense layer of 128 units on Inception-v3, Xception and MobileNet, early stopping.

    Examples
    --------
    >>> import numpy as np
    >>> dark_left = np.tile(np.linspace(0, 1, 32), (32, 1))
    >>> model = FineTunedCNN(model="squeezenet1_1", weights="random", size=32, epochs=1)
    >>> model = model.fit([dark_left, dark_left.T] * 8, ["left", "top"] * 8)
    >>> model.predict_proba([dark_left]).shape, model.remarks()
    ((1, 2), ('random weights',))
    """

    FILES: ClassVar[tuple[str, ...]] = ("weights",)

    _parameter_constraints: ClassVar[dict] = {
        **ImageClassifier._parameter_constraints,
        "model": [str],
        "weights": [str],
        "layer": [str, None],
        "train": [StrOptions({"head", "all"}), Interval(Integral, 1, None, closed="left")],
        "head": [str, list, tuple],
        "size": [Interval(Integral, 1, None, closed="left"), None],
        "padding": [StrOptions({"torch", "tensorflow"})],
    }

    def __init__(
        self,
        model="mobilenet_v2",
        weights="imagenet",
        layer=None,
        train="head",
        head="linear",
        size=None,
        padding="torch",
        epochs=50,
        batch_size=32,
        steps_per_epoch=None,
        optimizer="adam",
        learning_rate=0.001,
        weight_decay=0.0,
        momentum=0.9,
        schedule="constant",
        early_stopping=None,
        validation_size=None,
        augment=None,
        class_weight=None,
        gray_range=None,
        precision="auto",
        device="auto",
        checkpoint=None,
        random_state=0,
    ):
        self.model = model
        self.weights = weights
        self.layer = layer
        self.train = train
        self.head = head
        self.size = size
        self.padding = padding
        self.epochs = epochs
        self.batch_size = batch_size
        self.steps_per_epoch = steps_per_epoch
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.momentum = momentum
        self.schedule = schedule
        self.early_stopping = early_stopping
        self.validation_size = validation_size
        self.augment = augment
        self.class_weight = class_weight
        self.gray_range = gray_range
        self.precision = precision
        self.device = device
        self.checkpoint = checkpoint
        self.random_state = random_state

    def check_parameters(self):
        """Raise a ValueError or TypeError that names the first parameter with a bad value."""
        super().check_parameters()
        for name, check in (("model", check_model), ("weights", check_weights), ("head", head_spec)):
            try:
                check(getattr(self, name))
            except ValueError as error:
                raise ValueError(f"The {name!r} parameter of FineTunedCNN: {error}") from None

    def identity(self):
        """Return what decides the predictions: of a file of weights its content, not its place."""
        return super().identity() | {"weights": identity_of(self.weights), "head": head_spec(self.head)}

    def remarks(self):
        """Return what every table must say beside these results."""
        return ("random weights",) if self.weights == "random" else ()

    def frozen_features(self):
        """Return the extractor of what the backbone gives, if all of it is frozen and nothing augmented."""
        if self.weights == "random" or self.train != "head" or self.augment:
            return None
        return "cnn", self._source_parameters() | {"gray_range": self.gray_range, "precision": self.precision}

    def _source_parameters(self):
        return {
            "model": self.model,
            "weights": self.weights,
            "layer": self.layer or "spatial",
            "pool": POOLS[head_spec(self.head)[0]],
            "size": self.size,
            "padding": self.padding,
        }

    def _network(self, inputs, n_classes):
        from networks.fine_tuning import fine_tuned, new_head

        spec = head_spec(self.head)
        if inputs.ndim == 2:
            return new_head(spec, inputs.shape[1], n_classes, self.random_state)
        train = "all" if self.weights == "random" else self.train
        return fine_tuned(self._source(), spec, train, n_classes)

    def _whole(self):
        from networks.fine_tuning import Head, with_frozen_backbone

        if isinstance(self.network_, Head):  # it was trained on what the frozen backbone gave
            return with_frozen_backbone(self._source(), self.network_)
        return self.network_

    def _source(self):
        from networks.source import Source

        return Source(**self._source_parameters(), seed=self.random_state)

    def _form(self):
        from networks.source import format_of

        form = format_of(self._source())
        return replace(form, size=self.size or form.size)
