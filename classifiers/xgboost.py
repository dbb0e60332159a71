"""Gradient-boosted trees."""

from __future__ import annotations

from numbers import Integral, Real
from typing import ClassVar

import xgboost
from sklearn.utils._param_validation import Interval

from classifiers._base import FeatureClassifier

__all__ = ["XGBoost"]


class XGBoost(FeatureClassifier):
    """Gradient-boosted trees on binned features [1]_.

    Logistic loss for two classes, softmax for more; class weights are weights of the rows.

    Parameters
    ----------
    n_estimators : int, default=100
        Number of boosting rounds.
    max_depth : int, default=6
        Greatest depth of a tree.
    learning_rate : float, default=0.3
        Shrinkage of each tree, 0 to 1.
    subsample : float, default=1.0
        Share of rows drawn for each tree.
    colsample_bytree : float, default=1.0
        Share of features drawn for each tree.
    min_child_weight : float, default=1.0
        Least sum of second derivatives of the loss in a child.
    reg_lambda : float, default=1.0
        L2 penalty of the leaves' values.
    max_bin : int, default=32
        Most bins of a feature. The library's own default is 256, which takes several times as long.
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
        Seed of everything random: rows and features drawn, inner folds, selection.

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
    .. [1] Chen & Guestrin (2016), doi:10.1145/2939672.2939785

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> X, y = load_wine(return_X_y=True)
    >>> model = XGBoost(n_estimators=20).fit(X[::2], y[::2])
    >>> round(model.score(X[1::2], y[1::2]), 2)
    0.94
    """

    _parameter_constraints: ClassVar[dict] = {
        **FeatureClassifier._parameter_constraints,
        "n_estimators": [Interval(Integral, 1, None, closed="left")],
        "max_depth": [Interval(Integral, 1, None, closed="left")],
        "learning_rate": [Interval(Real, 0, 1, closed="right")],
        "subsample": [Interval(Real, 0, 1, closed="right")],
        "colsample_bytree": [Interval(Real, 0, 1, closed="right")],
        "min_child_weight": [Interval(Real, 0, None, closed="left")],
        "reg_lambda": [Interval(Real, 0, None, closed="left")],
        "max_bin": [Interval(Integral, 2, None, closed="left")],
    }

    def __init__(
        self,
        n_estimators=100,
        max_depth=6,
        learning_rate=0.3,
        subsample=1.0,
        colsample_bytree=1.0,
        min_child_weight=1.0,
        reg_lambda=1.0,
        max_bin=32,
        class_weight=None,
        max_missing=0.05,
        select=None,
        tune=None,
        tune_metric="balanced_accuracy",
        inner_folds=3,
        random_state=0,
    ):
        self.n_estimators = n_estimators
        self.max_depth = max_depth
        self.learning_rate = learning_rate
        self.subsample = subsample
        self.colsample_bytree = colsample_bytree
        self.min_child_weight = min_child_weight
        self.reg_lambda = reg_lambda
        self.max_bin = max_bin
        self.class_weight = class_weight
        self.max_missing = max_missing
        self.select = select
        self.tune = tune
        self.tune_metric = tune_metric
        self.inner_folds = inner_folds
        self.random_state = random_state

    def _model(self, n_samples):
        return xgboost.XGBClassifier(
            n_estimators=self.n_estimators,
            max_depth=self.max_depth,
            learning_rate=self.learning_rate,
            subsample=self.subsample,
            colsample_bytree=self.colsample_bytree,
            min_child_weight=self.min_child_weight,
            reg_lambda=self.reg_lambda,
            max_bin=self.max_bin,
            tree_method="hist",
            random_state=self.random_state,
            n_jobs=1,
        )
