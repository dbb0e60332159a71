"""Random forest."""

from __future__ import annotations

from numbers import Integral
from typing import ClassVar

from sklearn.ensemble import RandomForestClassifier
from sklearn.utils._param_validation import Interval, RealNotInt, StrOptions

from classifiers._base import FeatureClassifier

__all__ = ["RandomForest"]


class RandomForest(FeatureClassifier):
    """Random forest: mean of the class shares in the leaves of trees grown on bootstrap samples [1]_.

    Parameters
    ----------
    n_estimators : int, default=300
        Number of trees.
    max_depth : int or None, default=None
        Greatest depth of a tree; None: until leaves are pure.
    min_samples_leaf : int, default=1
        Fewest training rows in a leaf.
    max_features : {"sqrt", "log2"}, int, float or None, default="sqrt"
        Features tried at each split: a function of their number, a number, a share, or all.
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
        Seed of everything random: trees, inner folds, selection.

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
    .. [1] Breiman (2001), doi:10.1023/A:1010933404324

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> X, y = load_wine(return_X_y=True)
    >>> model = RandomForest(n_estimators=50).fit(X[::2], y[::2])
    >>> round(model.score(X[1::2], y[1::2]), 2)
    0.98
    """

    _parameter_constraints: ClassVar[dict] = {
        **FeatureClassifier._parameter_constraints,
        "n_estimators": [Interval(Integral, 1, None, closed="left")],
        "max_depth": [Interval(Integral, 1, None, closed="left"), None],
        "min_samples_leaf": [Interval(Integral, 1, None, closed="left")],
        "max_features": [
            StrOptions({"sqrt", "log2"}),
            Interval(Integral, 1, None, closed="left"),
            Interval(RealNotInt, 0, 1, closed="right"),
            None,
        ],
    }

    def __init__(
        self,
        n_estimators=300,
        max_depth=None,
        min_samples_leaf=1,
        max_features="sqrt",
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
        self.min_samples_leaf = min_samples_leaf
        self.max_features = max_features
        self.class_weight = class_weight
        self.max_missing = max_missing
        self.select = select
        self.tune = tune
        self.tune_metric = tune_metric
        self.inner_folds = inner_folds
        self.random_state = random_state

    def _model(self, n_samples):
        return RandomForestClassifier(
            n_estimators=self.n_estimators,
            max_depth=self.max_depth,
            min_samples_leaf=self.min_samples_leaf,
            max_features=self.max_features,
            random_state=self.random_state,
            n_jobs=1,
        )
