"""What every classifier is that takes images: a network trained inside ``fit``, a scikit-learn classifier."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from numbers import Integral, Real
from pathlib import Path
from typing import ClassVar

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from classifiers._checks import check_class_weight, check_values
from classifiers._folds import validation_split
from classifiers._labels import encode_labels
from classifiers._weights import by_code
from networks.augmentation_steps import VERSION as AUGMENTATION_VERSION
from networks.augmentation_steps import augmentation_spec, parse_augmentation
from networks.names import check_device

NOT_DECISIVE = ("checkpoint", "device")
"""Parameters that say how a network is trained, not to what."""

DEFAULT_VALIDATION = 0.15  # of the training samples, where training may stop early
PREDICTED = 32  # images at a time
WHOLE = Interval(Integral, 1, None, closed="left")


class ImageClassifier(ClassifierMixin, BaseEstimator, ABC):
    """Base of the networks that are trained on images.

    A subclass stores its parameters in ``__init__`` (all of those in ``_parameter_constraints``) and gives
    :meth:`_network` and :meth:`_form`.

    Attributes
    ----------
    VERSION : int
        Raised whenever predictions change; part of the key under which they are stored.
    INPUT : str
        ``"images"``: arrays of gray values.
    USES_FEATURES : bool
        Whether predictions depend on the image at all.
    FILES : tuple of str
        Parameters that may name a file; a grid looks for it beside itself first.
    """

    VERSION: ClassVar[int] = 1
    INPUT: ClassVar[str] = "images"
    USES_FEATURES: ClassVar[bool] = True
    FILES: ClassVar[tuple[str, ...]] = ()

    _parameter_constraints: ClassVar[dict] = {
        "size": [WHOLE, None],
        "gray_range": [list, tuple, None],
        "epochs": [WHOLE],
        "batch_size": [Interval(Integral, 2, None, closed="left")],
        "steps_per_epoch": [WHOLE, None],
        "optimizer": [StrOptions({"adam", "adamw", "rmsprop", "sgd"})],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "weight_decay": [Interval(Real, 0, None, closed="left")],
        "momentum": [Interval(Real, 0, 1, closed="left")],
        "schedule": [StrOptions({"constant", "cosine", "step"})],
        "early_stopping": [WHOLE, None],
        "validation_size": [Interval(Real, 0, 0.5, closed="neither"), None],
        "augment": [str, list, None],
        "class_weight": [StrOptions({"balanced"}), Mapping, None],
        "precision": [StrOptions({"auto", "float32"})],
        "device": [str],
        "checkpoint": [str, Path, None],
        "random_state": [Interval(Integral, 0, 2**32, closed="left")],
    }

    def check_parameters(self):
        """Raise a ValueError or TypeError that names the first parameter with a bad value."""
        caller = type(self).__name__
        parameters = self.get_params(deep=False)
        check_values(
            {name: kinds for name, kinds in self._parameter_constraints.items() if name in parameters},
            parameters,
            caller,
        )
        check_class_weight(self.class_weight, caller)
        for name, check in (("augment", parse_augmentation), ("device", check_device)):
            try:
                check(getattr(self, name))
            except ValueError as error:
                raise ValueError(f"The {name!r} parameter of {caller}: {error}") from None
        _check_gray_range(self.gray_range, caller)

    def identity(self):
        """Return what decides the predictions: all parameters but device and checkpoint."""
        decisive = {
            name: value for name, value in self.get_params(deep=False).items() if name not in NOT_DECISIVE
        }
        steps = parse_augmentation(self.augment)
        version = {"augmentation_version": AUGMENTATION_VERSION} if steps else {}
        return decisive | {"augment": augmentation_spec(steps)} | version

    def remarks(self):
        """Return what every table must say beside these results, a tuple of short phrases."""
        return ()

    def frozen_features(self):
        """Return (name, parameters) of the extractor that gives what a frozen part would compute, or None.

        ``fit`` and ``predict_proba`` then take its features in place of images.
        """
        return None

    def fit(self, X, y, groups=None):
        """Train the network on images.

        Parameters
        ----------
        X : array-like of shape (n_samples, H, W), or sequence of ndarray of shape (H, W)
            Gray values; or the features of :meth:`frozen_features`, of shape (n_samples, n_features).
        y : array-like of shape (n_samples,)
            Labels of two or more classes.
        groups : array-like of shape (n_samples,), optional
            Group (patient) of each image; the validation part never divides one.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is wrong, y has fewer than two classes, weights or device are not to be had, or
            the loss is no longer a number.
        """
        from networks.catalogue import parameter_count, seeded
        from networks.devices import resolve_device
        from networks.layer_table import layer_table
        from networks.memory import peak_memory
        from networks.recipe import Samples
        from networks.training import train

        self.check_parameters()
        check_consistent_length(X, y, groups)
        self.classes_, codes = encode_labels(np.asarray(y), type(self).__name__)
        device = resolve_device(self.device)
        with peak_memory(device) as peak:
            inputs = self._inputs(X)
            rows, held_out = self._parts(codes, groups)
            with seeded(self.random_state):
                network = self._network(inputs, len(self.classes_))
            parts = [Samples(inputs[part], _tensor(codes[part])) for part in (rows, held_out)]
            trained = train(
                network,
                parts[0],
                parts[1] if len(held_out) else None,
                self._recipe(codes[rows], inputs.ndim == 4),
                device,
                None if self.checkpoint is None else Path(self.checkpoint),
            )
        self.network_, self.history_ = trained.network, trained.history
        whole = self._whole()
        self.layers_ = layer_table(whole, self._example())
        self.n_parameters_ = parameter_count(whole)
        self.n_parameters_trainable_ = parameter_count(whole, trainable=True)
        self.peak_memory_ = peak.bytes
        return self

    def predict_proba(self, X):
        """Return the probability of each class, ndarray of shape (n_samples, n_classes)."""
        from networks.devices import resolve_device
        from networks.training import predict

        check_is_fitted(self, "network_")
        inputs = self._inputs(X)
        recipe = self._recipe(None, inputs.ndim == 4)
        return predict(self.network_, inputs, recipe, resolve_device(self.device), PREDICTED)

    def predict(self, X):
        """Return the most probable class of each image, ndarray of shape (n_samples,)."""
        positions = self.predict_proba(X).argmax(axis=1)
        return self.classes_[positions]

    def explain(self, X, classes):
        """Show where the network sees what speaks for a class: :func:`networks.grad_cam.grad_cam`.

        Parameters
        ----------
        X : array-like of shape (n_samples, H, W), or sequence of ndarray of shape (H, W)
            Images, also where the network was trained on the features of :meth:`frozen_features`.
        classes : array-like of shape (n_samples,)
            The class to explain for each image, one of ``classes_``.

        Returns
        -------
        ndarray of float32, shape (n_samples, size, size)
            Heat over the square picture that the network gets, the whole image stretched. Each map sums
            to 1, or is 0 everywhere where no place speaks for the class.

        Raises
        ------
        ValueError
            If X is not images, a class is unknown, or the network has no layer with places to look at.
        """
        from networks.devices import resolve_device
        from networks.grad_cam import grad_cam

        check_is_fitted(self, "network_")
        pictures = self._inputs(X)
        if pictures.ndim != 4:
            raise ValueError(f"{type(self).__name__}.explain takes images of shape (H, W), not features.")
        unknown = set(np.asarray(classes).tolist()) - set(self.classes_.tolist())
        if unknown:
            raise ValueError(f"{type(self).__name__} knows no class {min(unknown)!r}.")
        codes = _tensor(np.searchsorted(self.classes_, classes))
        return grad_cam(self._whole(), pictures, codes, self._form(), resolve_device(self.device), PREDICTED)

    def _whole(self):
        """Return the network from pictures to scores."""
        return self.network_

    @abstractmethod
    def _network(self, inputs, n_classes):
        """Return the network to train, given the inputs it will get; torch is seeded already."""

    @abstractmethod
    def _form(self):
        """Return the :class:`networks.catalogue.InputFormat` of the network."""

    def _inputs(self, X):
        """Return images as pictures of the network's size, (n, 1, size, size); features as they are."""
        import torch

        from networks.pictures import to_batch, to_unit_range

        if isinstance(X, np.ndarray) and X.ndim == 2:
            self._require_frozen_features(X)
            return torch.from_numpy(np.ascontiguousarray(X, dtype=np.float32))
        form = self._form()
        gray_range = None if self.gray_range is None else tuple(self.gray_range)
        prepared = [to_unit_range(image, gray_range) for image in X]
        return to_batch(prepared, form, form.size, "stretch")

    def _require_frozen_features(self, X):
        if self.frozen_features() is None:
            raise ValueError(
                f"{type(self).__name__} takes images, one array of shape (H, W) each; X has shape {X.shape}."
            )

    def _example(self):
        """Return one black picture, as the network takes it."""
        import torch

        from networks.pictures import normalized

        form = self._form()
        return normalized(torch.zeros(1, 1, form.size, form.size), form)

    def _parts(self, codes, groups):
        """Return rows to train on, and rows to validate on: none if validation is not asked for."""
        share = self.validation_size or (DEFAULT_VALIDATION if self.early_stopping else None)
        if share is None:
            return np.arange(len(codes)), np.arange(0)
        return validation_split(self, codes, groups, share)

    def _recipe(self, codes, of_images):
        from networks.recipe import Recipe

        return Recipe(
            epochs=self.epochs,
            batch_size=self.batch_size,
            optimizer=self.optimizer,
            learning_rate=self.learning_rate,
            weight_decay=self.weight_decay,
            momentum=self.momentum,
            schedule=self.schedule,
            steps=self.steps_per_epoch,
            patience=self.early_stopping,
            class_weights=None if codes is None else self._class_weights(codes),
            augmentation=self._augmentation(),
            form=self._form() if of_images else None,
            half=self.precision == "auto",
            seed=self.random_state,
        )

    def _augmentation(self):
        steps = parse_augmentation(self.augment)
        if not steps:
            return None
        from networks.augmentation import Augmentation

        return Augmentation(steps)

    def _class_weights(self, codes):
        if self.class_weight is None:
            return None
        classes = np.arange(len(self.classes_))
        weights = self.class_weight
        if weights != "balanced":
            weights = by_code(weights, self.classes_.tolist(), type(self).__name__)
        return tuple(compute_class_weight(weights, classes=classes, y=codes).tolist())


def _tensor(codes):
    import torch

    return torch.from_numpy(np.ascontiguousarray(codes, dtype=np.int64))


def _check_gray_range(gray_range, caller):
    if gray_range is None:
        return
    right = len(gray_range) == 2 and all(isinstance(value, Real) for value in gray_range)
    if not right or gray_range[0] >= gray_range[1]:
        raise ValueError(
            f"The 'gray_range' parameter of {caller} must be two numbers, the smaller first."
            f" Got {gray_range!r} instead."
        )
