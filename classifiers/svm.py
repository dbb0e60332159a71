"""Support vector machine."""

from __future__ import annotations

from numbers import Integral, Real
from typing import ClassVar

from sklearn.calibration import CalibratedClassifierCV
from sklearn.svm import SVC
from sklearn.utils._param_validation import Interval, StrOptions

from classifiers._base import FeatureClassifier

__all__ = ["SVM"]


class SVM(FeatureClassifier):
    """Support vector machine with probabilities calibrated inside the training part [1]_.

    Probabilities are a sigmoid of the decision value (Platt [2]_), p = 1 / (1 + exp(A f + B)), one per class
    and normalised where there are more than two. A and B are learnt from decision values of inner folds of
    the training rows, each from a whole pipeline (selection included) that has not seen the fold; the
    machine itself is fitted to all training rows. Class weights weigh the calibration too, which would
    otherwise undo them.

    ``predict`` is the most probable class. Near the boundary it may differ from the machine's own decision,
    for better or worse: accuracy changes by less than a percentage point on the data it was tried on.
    Tuning scores the machine's own decision, without calibrating each candidate.

    Parameters
    ----------
    kernel : {"rbf", "linear", "poly", "sigmoid"}, default="rbf"
        Kernel.
    C : float, default=1.0
        Penalty of a violated margin.
    gamma : {"scale", "auto"} or float, default="scale"
        Width of the rbf, poly and sigmoid kernels: 1 / (n_features * variance of X), 1 / n_features, or
        the value itself.
    degree : int, default=3
        Degree of the poly kernel.
    coef0 : float, default=0.0
        Constant of the poly and sigmoid kernels.
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
        Inner folds of calibration and tuning: stratified, shuffled, never dividing a group; fewer (at least
        2) if a class has not as many groups.
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
    .. [1] Cortes & Vapnik (1995), doi:10.1007/BF00994018
    .. [2] Platt (1999), Probabilistic outputs for support vector machines and comparisons to regularized
       likelihood methods, Advances in Large Margin Classifiers, MIT Press, 61-74

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> X, y = load_wine(return_X_y=True)
    >>> model = SVM(tune={"C": [0.1, 1, 10]}).fit(X[::2], y[::2])
    >>> round(model.score(X[1::2], y[1::2]), 2)
    0.99
    """

    SCALED: ClassVar[bool] = True
    CALIBRATED: ClassVar[bool] = True

    _parameter_constraints: ClassVar[dict] = {
        **FeatureClassifier._parameter_constraints,
        "kernel": [StrOptions({"linear", "rbf", "poly", "sigmoid"})],
        "C": [Interval(Real, 0, None, closed="neither")],
        "gamma": [StrOptions({"scale", "auto"}), Interval(Real, 0, None, closed="neither")],
        "degree": [Interval(Integral, 1, None, closed="left")],
        "coef0": [Interval(Real, None, None, closed="neither")],
    }

    def __init__(
        self,
        kernel="rbf",
        C=1.0,
        gamma="scale",
        degree=3,
        coef0=0.0,
        scale="standard",
        class_weight=None,
        max_missing=0.05,
        select=None,
        tune=None,
        tune_metric="balanced_accuracy",
        inner_folds=3,
        random_state=0,
    ):
        self.kernel = kernel
        self.C = C
        self.gamma = gamma
        self.degree = degree
        self.coef0 = coef0
        self.scale = scale
        self.class_weight = class_weight
        self.max_missing = max_missing
        self.select = select
        self.tune = tune
        self.tune_metric = tune_metric
        self.inner_folds = inner_folds
        self.random_state = random_state

    def _model(self, n_samples):
        return SVC(kernel=self.kernel, C=self.C, gamma=self.gamma, degree=self.degree, coef0=self.coef0)

    def _fit_all(self, X, codes, weights, splits):
        calibrated = CalibratedClassifierCV(
            self._pipeline(len(codes)), method="sigmoid", cv=splits, ensemble=False
        )
        return calibrated.fit(X, codes, sample_weight=weights)

    def _fitted_pipeline(self):
        return self.fitted_.calibrated_classifiers_[0].estimator
