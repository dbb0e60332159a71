"""COV-19Net, trained from nothing."""

from __future__ import annotations

from classifiers._image_base import ImageClassifier

__all__ = ["COV19Net"]


class COV19Net(ImageClassifier):
    """The small convolutional network of Asif and Amjad [1]_: three convolutions, two dense layers.

    Images are brought to 64×64 in three equal channels; 609,473 parameters for two classes. Adam,
    cross-entropy, no early stopping, as published; the paper's augmentation is ``augment: cov19net``.

    Parameters
    ----------
    epochs : int, default=20
        Passes over the training images, or rounds of ``steps_per_epoch`` batches.
    batch_size : int, default=32
        Images of a batch.
    steps_per_epoch : int or None, default=None
        Batches of an epoch; None: as many as the training images fill. The paper has 100.
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
    precision : {"auto", "float32"}, default="float32"
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
    .. [1] Asif, Amjad (2020), Automatic COVID-19 detection from chest radiographic images using convolutional
       neural network, doi:10.1101/2020.11.08.20228080

    Examples
    --------
    >>> import numpy as np
    >>> dark_left = np.tile(np.linspace(0, 1, 64), (64, 1))
    >>> model = COV19Net(epochs=3).fit([dark_left, dark_left.T] * 8, ["left", "top"] * 8)
    >>> model.predict([dark_left]).tolist(), model.n_parameters_
    (['left'], 609473)
    """

    def __init__(
        self,
        epochs=20,
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
        precision="float32",
        device="auto",
        checkpoint=None,
        random_state=0,
    ):
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

    def _network(self, inputs, n_classes):
        from networks import cov19net

        return cov19net.COV19Net(n_classes)

    def _form(self):
        from networks.catalogue import InputFormat

        return InputFormat(size=64, short_side=64, mean=(0.0,) * 3, std=(1.0,) * 3)
