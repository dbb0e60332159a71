"""Logistic regression."""

from __future__ import annotations

from numbers import Integral, Real
from typing import ClassVar

import numpy as np
from sklearn import linear_model
from sklearn.utils._param_validation import Interval

from classifiers._base import FeatureClassifier

__all__ = ["LogisticRegression"]


class LogisticRegression(FeatureClassifier):
    """Logistic regression with an L2 penalty, multinomial where there are more than two classes [1]_.

    Parameters
    ----------
    C : float, default=1.0
        Inverse of the penalty's strength.
    max_iter : int, default=10000
        Most iterations of the solver (L-BFGS); scikit-learn warns if they do not suffice.
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
    .. [1] Hastie, Tibshirani & Friedman (2009), The Elements of Statistical Learning, section 4.4,
       doi:10.1007/978-0-387-84858-7

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> X, y = load_wine(return_X_y=True)
    >>> model = LogisticRegression().fit(X[::2], y[::2])
    >>> round(model.score(X[1::2], y[1::2]), 2)
    0.97
    """

    SCALED: ClassVar[bool] = True
    DTYPES: ClassVar[tuple[type, ...]] = (np.float64,)

    _parameter_constraints: ClassVar[dict] = {
        **FeatureClassifier._parameter_constraints,
        "C": [Interval(Real, 0, None, closed="neither")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        C=1.0,
        max_iter=10_000,
        scale="standard",
        class_weight=None,
        max_missing=0.05,
        select=None,
        tune=None,
        tune_metric="balanced_accuracy",
        inner_folds=3,
        random_state=0,
    ):
        self.C = C
        self.max_iter = max_iter
        self.scale = scale
        self.class_weight = class_weight
        self.max_missing = max_missing
        self.select = select
        self.tune = tune
        self.tune_metric = tune_metric
        self.inner_folds = inner_folds
        self.random_state = random_state

    def _model(self, n_samples):
        return linear_model.LogisticRegression(C=self.C, max_iter=self.max_iter)
