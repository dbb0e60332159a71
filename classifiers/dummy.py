"""The baseline that looks at no feature."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_consistent_length, check_is_fitted, column_or_1d

from classifiers._labels import encode_labels

__all__ = ["Dummy"]


class Dummy(ClassifierMixin, BaseEstimator):
    """The most frequent class, with the classes' shares as probabilities: what no feature at all scores.

    Of equally frequent classes the first, sorted. It has no parameters.

    Parameters
    ----------
    None

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The classes, sorted.
    shares_ : ndarray of shape (n_classes,)
        Share of each class in the training rows.
    n_features_selected_ : int
        0.
    best_params_ : dict
        Empty.

    Examples
    --------
    >>> import numpy as np
    >>> model = Dummy().fit(np.empty((3, 0)), ["covid", "normal", "normal"])
    >>> model.predict_proba(np.empty((1, 0)))
    array([[0.33333333, 0.66666667]])
    >>> model.predict(np.empty((1, 0))).tolist()
    ['normal']
    """

    VERSION: ClassVar[int] = 1
    INPUT: ClassVar[str] = "features"
    USES_FEATURES: ClassVar[bool] = False

    def check_parameters(self):
        """Do nothing: there is no parameter that could be wrong."""

    def fit(self, X, y, groups=None):
        """Count the classes.

        Parameters
        ----------
        X : array-like of shape (n_samples, any number of features)
            Not looked at; may have no features.
        y : array-like of shape (n_samples,)
            Labels of two or more classes.
        groups : ignored

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If y has fewer than two classes, or not as many labels as X has rows.
        """
        check_consistent_length(X, y)
        self.classes_, codes = encode_labels(column_or_1d(y), type(self).__name__)
        self.shares_ = np.bincount(codes) / len(codes)
        self.n_features_selected_ = 0
        self.best_params_ = {}
        return self

    def predict_proba(self, X):
        """Return the classes' shares for each row, ndarray of shape (n_samples, n_classes)."""
        check_is_fitted(self, "shares_")
        return np.tile(self.shares_, (len(X), 1))

    def predict(self, X):
        """Return the most frequent class for each row, ndarray of shape (n_samples,)."""
        most_probable = self.predict_proba(X).argmax(axis=1)
        return self.classes_[most_probable]
