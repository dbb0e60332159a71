"""Nearest neighbours."""

from __future__ import annotations

from numbers import Integral
from typing import ClassVar

from sklearn.neighbors import KNeighborsClassifier
from sklearn.utils._param_validation import Interval, StrOptions

from classifiers._base import FeatureClassifier

__all__ = ["KNN"]


class KNN(FeatureClassifier):
    """Share of each class among the nearest training rows [1]_.

    There are no class weights: scikit-learn's neighbours take none.

    Parameters
    ----------
    n_neighbors : int, default=5
        Number of neighbours, at most that of training rows.
    weights : {"uniform", "distance"}, default="uniform"
        Whether all neighbours count the same, or each by the inverse of its distance.
    metric : {"euclidean", "manhattan", "chebyshev", "cosine"}, default="euclidean"
        Distance between two rows.
    scale : {"standard", "minmax"} or None, default="standard"
        Scaling of each feature, learnt from the training rows: to mean 0 and standard deviation 1, to the
        range 0 to 1, or none.
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
        Seed of everything random: inner folds, selection.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The classes, sorted.
    n_features_selected_ : int
        Number of features (components) that reach the model.
    best_params_ : dict
        What tuning chose; empty without it.

    References
    ----------
    .. [1] Cover & Hart (1967), doi:10.1109/TIT.1967.1053964

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> X, y = load_wine(return_X_y=True)
    >>> model = KNN(n_neighbors=3).fit(X[::2], y[::2])
    >>> round(model.score(X[1::2], y[1::2]), 2)
    0.94
    """

    SCALED: ClassVar[bool] = True

    _parameter_constraints: ClassVar[dict] = {
        **FeatureClassifier._parameter_constraints,
        "n_neighbors": [Interval(Integral, 1, None, closed="left")],
        "weights": [StrOptions({"uniform", "distance"})],
        "metric": [StrOptions({"euclidean", "manhattan", "chebyshev", "cosine"})],
    }

    def __init__(
        self,
        n_neighbors=5,
        weights="uniform",
        metric="euclidean",
        scale="standard",
        max_missing=0.05,
        select=None,
        tune=None,
        tune_metric="balanced_accuracy",
        inner_folds=3,
        random_state=0,
    ):
        self.n_neighbors = n_neighbors
        self.weights = weights
        self.metric = metric
        self.scale = scale
        self.max_missing = max_missing
        self.select = select
        self.tune = tune
        self.tune_metric = tune_metric
        self.inner_folds = inner_folds
        self.random_state = random_state

    def _model(self, n_samples):
        if self.n_neighbors > n_samples:
            raise ValueError(
                f"n_neighbors={self.n_neighbors} of KNN is more than the {n_samples} training samples"
                " (of an inner fold, when tuning)."
            )
        return KNeighborsClassifier(self.n_neighbors, weights=self.weights, metric=self.metric, n_jobs=1)
