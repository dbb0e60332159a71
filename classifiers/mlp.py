"""Multi-layer perceptron."""

from __future__ import annotations

import warnings
from numbers import Integral, Real
from typing import ClassVar

from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_is_fitted

from classifiers._base import FeatureClassifier

__all__ = ["MLP"]


class MLP(FeatureClassifier):
    """Fully connected network: ReLU units, softmax output, cross-entropy, Adam [1]_.

    Training lasts a fixed number of epochs, converged or not: there is no early stopping, which would need
    a validation part that keeps groups together.

    Parameters
    ----------
    hidden : sequence of int, default=(64, 32)
        Units of each hidden layer.
    epochs : int, default=100
        Passes over the training rows.
    batch_size : int, default=32
        Rows of a batch; all of them if there are fewer.
    learning_rate : float, default=0.001
        Step size of Adam.
    alpha : float, default=0.0001
        L2 penalty of the weights.
    scale : {"standard", "minmax"} or None, default="standard"
        Scaling of each feature, learnt from the training rows: to mean 0 and standard deviation 1, to the
        range 0 to 1, or none.
    class_weight : "balanced", dict or None, default=None
        Weight of each class: n_samples / (n_classes * n_c), or the weights of a mapping from label to
        weight (1 for a class that it leaves out), or all the same.
    max_missing : float, default=0.05
        Largest share of missing values of a feature in the training rows; features with more are dropped,
        gaps of the others filled with the median.
    select : dict or None, default=None
        Selection of features: ``{"type": "mutual_info" | "anova" | "pca", "k": 10}`` (all features if there
        are fewer than k; for pca also the share of variance to explain, 0 to 1) or
        ``{"type": "variance", "threshold": 0.0}``.
    tune : dict or None, default=None
        Lists of values to try, keyed by parameter name, ``select.k`` included. Every combination is scored
        in inner folds of the training rows.
    tune_metric : {"balanced_accuracy", "accuracy", "f1_macro", "mcc"}, default="balanced_accuracy"
        What tuning maximises, from predicted labels.
    inner_folds : int, default=3
        Inner folds of tuning: stratified, shuffled, never dividing a group; fewer (at least 2) if a class has
        not as many groups.
    random_state : int, RandomState instance or None, default=0
        Seed of everything random: initial weights, batches, inner folds, selection.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The classes, sorted.
    n_features_selected_ : int
        Number of features (components) that reach the model.
    best_params_ : dict
        What tuning chose; empty without it.
    history_ : list of dict
        ``epoch`` (from 1) and ``train_loss`` of each epoch: the mean over the training rows of the
        cross-entropy (nats; weighted as the classes are), each batch's taken just before the step that
        learns from it, plus the L2 penalty, ``alpha / 2`` times the sum of squared weights, divided by the
        batch's rows (by their total weight where classes are weighted).
    layers_ : list of dict
        ``layer``, ``output_shape``, ``parameters`` and ``trainable`` (numbers of weights and biases).
    n_parameters_, n_parameters_trainable_ : int
        Weights and biases; all are trained.

    References
    ----------
    .. [1] Kingma & Ba (2015), Adam: a method for stochastic optimization, arXiv:1412.6980

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> X, y = load_wine(return_X_y=True)
    >>> model = MLP(hidden=[16], epochs=50).fit(X[::2], y[::2])
    >>> round(model.score(X[1::2], y[1::2]), 2)
    0.91
    """

    SCALED: ClassVar[bool] = True

    _parameter_constraints: ClassVar[dict] = {
        **FeatureClassifier._parameter_constraints,
        "hidden": [list, tuple],
        "epochs": [Interval(Integral, 1, None, closed="left")],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "alpha": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self,
        hidden=(64, 32),
        epochs=100,
        batch_size=32,
        learning_rate=0.001,
        alpha=0.0001,
        scale="standard",
        class_weight=None,
        max_missing=0.05,
        select=None,
        tune=None,
        tune_metric="balanced_accuracy",
        inner_folds=3,
        random_state=0,
    ):
        self.hidden = hidden
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.alpha = alpha
        self.scale = scale
        self.class_weight = class_weight
        self.max_missing = max_missing
        self.select = select
        self.tune = tune
        self.tune_metric = tune_metric
        self.inner_folds = inner_folds
        self.random_state = random_state

    def check_parameters(self):
        """Raise a ValueError or TypeError that names the first parameter with a bad value."""
        super().check_parameters()
        tried = (self.tune or {}).get("hidden", [])
        for hidden in [self.hidden, *tried]:
            _check_hidden(hidden, type(self).__name__)

    @property
    def history_(self):
        """The loss of each epoch of the final training, list of dict."""
        curve = self._network().loss_curve_
        return [{"epoch": epoch, "train_loss": float(loss)} for epoch, loss in enumerate(curve, 1)]

    @property
    def layers_(self):
        """The layers with their numbers of parameters, list of dict."""
        network = self._network()
        activations = ["ReLU"] * (network.n_layers_ - 2) + [network.out_activation_]
        layers = zip(network.coefs_, network.intercepts_, activations, strict=True)
        return [
            _layer(position, weights, biases, activation)
            for position, (weights, biases, activation) in enumerate(layers, 1)
        ]

    @property
    def n_parameters_(self):
        """Number of weights and biases, int."""
        return sum(layer["parameters"] for layer in self.layers_)

    @property
    def n_parameters_trainable_(self):
        """The same number: all are trained."""
        return self.n_parameters_

    def _network(self):
        check_is_fitted(self, "fitted_")
        return self._fitted_pipeline()[-1]

    def _model(self, n_samples):
        return FixedEpochs(
            hidden_layer_sizes=tuple(self.hidden),
            max_iter=self.epochs,
            n_iter_no_change=self.epochs,
            batch_size=min(self.batch_size, n_samples),
            learning_rate_init=self.learning_rate,
            alpha=self.alpha,
            random_state=self.random_state,
        )


def _layer(position, weights, biases, activation):
    count = int(weights.size + biases.size)
    return {
        "layer": f"dense_{position} (Dense, {activation})",
        "output_shape": [len(biases)],
        "parameters": count,
        "trainable": count,
    }


def _check_hidden(hidden, caller):
    sizes = list(hidden)
    if not sizes or not all(
        isinstance(size, Integral) and not isinstance(size, bool) and size >= 1 for size in sizes
    ):
        raise ValueError(
            f"The 'hidden' parameter of {caller} must be a list of one or more integers of at least 1."
            f" Got {hidden!r} instead."
        )


class FixedEpochs(MLPClassifier):
    """A network trained for ``max_iter`` epochs: to reach them is what was asked for, no cause to warn."""

    def fit(self, X, y, sample_weight=None):
        """Train; of all warnings only that of having reached ``max_iter`` is left out."""
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Stochastic Optimizer: Maximum iterations", ConvergenceWarning)
            return super().fit(X, y, sample_weight=sample_weight)
