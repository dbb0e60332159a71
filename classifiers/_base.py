"""What every classifier is: a scikit-learn classifier fitted as one pipeline, inside ``fit`` only."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from numbers import Integral, Real
from typing import ClassVar

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted, validate_data

from classifiers._checks import check_class_weight, check_select, check_tune, check_values
from classifiers._folds import inner_splits
from classifiers._labels import encode_labels
from classifiers._pipeline import WeightedPipeline, preparation_steps
from classifiers._tuning import SCORES, search
from classifiers._weights import sample_weights


class FeatureClassifier(ClassifierMixin, BaseEstimator, ABC):
    """Base of the classifiers that take feature rows.

    ``fit`` builds and fits one pipeline from the training rows alone: features with too many missing
    values are dropped and the others imputed by their median; features are selected and scaled; the
    model is fitted. A subclass stores its parameters in ``__init__``, lists what they may be in
    ``_parameter_constraints`` (scikit-learn's form), and gives :meth:`_model`. One that learns in epochs
    may have ``history_``, ``layers_`` and the like, which CONTRIBUTING.md describes.

    Attributes
    ----------
    VERSION : int
        Raised whenever predictions change; part of the key under which they are stored.
    INPUT : str
        ``"features"``: rows of numbers.
    USES_FEATURES : bool
        Whether predictions depend on the features at all.
    SCALED : bool
        Whether the model needs features of a common scale.
    CALIBRATED : bool
        Whether inner folds are needed to turn decision values into probabilities.
    DTYPES : tuple of type
        Kinds of floating-point number the model computes in; others become the first.
    """

    VERSION: ClassVar[int] = 1
    INPUT: ClassVar[str] = "features"
    USES_FEATURES: ClassVar[bool] = True
    SCALED: ClassVar[bool] = False
    CALIBRATED: ClassVar[bool] = False
    DTYPES: ClassVar[tuple[type, ...]] = (np.float64, np.float32)

    _parameter_constraints: ClassVar[dict] = {
        "max_missing": [Interval(Real, 0, 1, closed="both")],
        "scale": [StrOptions({"standard", "minmax"}), None],
        "select": [Mapping, None],
        "tune": [Mapping, None],
        "tune_metric": [StrOptions(set(SCORES))],
        "inner_folds": [Interval(Integral, 2, None, closed="left")],
        "class_weight": [StrOptions({"balanced"}), Mapping, None],
        "random_state": ["random_state"],
    }

    def check_parameters(self):
        """Raise a ValueError or TypeError that names the first parameter with a bad value.

        Examples
        --------
        >>> from classifiers.svm import SVM
        >>> SVM(C=-1).check_parameters()
        Traceback (most recent call last):
        sklearn.utils._param_validation.InvalidParameterError: The 'C' parameter of SVM must be a float in
        the range (0.0, inf). Got -1 instead.
        >>> SVM(tune={"gama": [0.1, 1]}).check_parameters()
        Traceback (most recent call last):
        ValueError: The 'tune' parameter of SVM has no entry 'gama'. Did you mean 'gamma'? Expected: ...
        """
        caller = type(self).__name__
        parameters = self.get_params(deep=False)
        check_values(self._parameter_constraints, parameters, caller)
        check_select(self.select, caller)
        check_class_weight(parameters.get("class_weight"), caller)
        check_tune(self, caller)

    def fit(self, X, y, groups=None):
        """Fit the whole pipeline to the training rows.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features, real numbers; NaN where a value is missing.
        y : array-like of shape (n_samples,)
            Labels of two or more classes: strings, integers or booleans.
        groups : array-like of shape (n_samples,), optional
            Group (patient) of each row. Inner folds, of tuning and of calibration, never divide a
            group. In scikit-learn's cross-validation give them as ``params={"groups": groups}``.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is wrong, X holds infinite values or has no feature, y has fewer than two
            classes, or a class has too few samples or groups for the inner folds.
        """
        self.check_parameters()
        X, y = validate_data(self, X, y, dtype=self.DTYPES, ensure_all_finite="allow-nan")
        self.classes_, codes = encode_labels(y, type(self).__name__)
        splits = inner_splits(self, codes, groups) if self.tune or self.CALIBRATED else None
        self.best_params_ = search(self, X, codes, splits) if self.tune else {}
        chosen = self._with(self.best_params_) if self.best_params_ else self
        self.fitted_ = chosen._fit_all(X, codes, sample_weights(chosen, codes, self.classes_), splits)
        self.n_features_selected_ = int(self._fitted_pipeline()[-1].n_features_in_)
        return self

    def predict_proba(self, X):
        """Return the probability of each class, ndarray of shape (n_samples, n_classes).

        Columns are in the order of ``classes_``; each row adds up to 1.
        """
        check_is_fitted(self, "fitted_")
        X = validate_data(self, X, dtype=self.DTYPES, ensure_all_finite="allow-nan", reset=False)
        return self.fitted_.predict_proba(X)

    def predict(self, X):
        """Return the most probable class of each row, ndarray of shape (n_samples,).

        Of equally probable classes the first in ``classes_``.
        """
        most_probable = self.predict_proba(X).argmax(axis=1)
        return self.classes_[most_probable]

    def __sklearn_tags__(self):
        """Tell scikit-learn that NaN is a missing value here."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    @abstractmethod
    def _model(self, n_samples):
        """Return the unfitted last step, given the number of rows that it will be fitted to."""

    def _with(self, changes):
        """Return an unfitted copy with the values of ``changes``, whose names are those of ``tune``."""
        copy = clone(self).set_params(tune=None)
        for name, value in changes.items():
            if name.startswith("select."):
                copy.set_params(select={**copy.select, name.removeprefix("select."): value})
            else:
                copy.set_params(**{name: value})
        return copy

    def _pipeline(self, n_samples):
        return WeightedPipeline([*preparation_steps(self), ("model", self._model(n_samples))])

    def _fit_all(self, X, codes, weights, splits):
        """Return what predicts: here the fitted pipeline."""
        return self._pipeline(len(codes)).fit(X, codes, sample_weight=weights)

    def _fitted_pipeline(self):
        return self.fitted_
