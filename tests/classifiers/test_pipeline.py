"""Missing values, selection and class weights: computed by hand, and from the training rows alone."""

import numpy as np
import pytest
from sklearn.feature_selection import f_classif
from sklearn.metrics import recall_score
from sklearn.model_selection import cross_val_score
from sklearn.utils.class_weight import compute_class_weight

from classifiers._pipeline import MissingValues
from classifiers._selection import KBest, PrincipalComponents, f_statistic, mutual_information
from classifiers.knn import KNN
from classifiers.logistic_regression import LogisticRegression
from classifiers.mlp import MLP, FixedEpochs
from classifiers.random_forest import RandomForest
from classifiers.svm import SVM
from classifiers.xgboost import XGBoost

NAN = np.nan


@pytest.mark.parametrize(
    ("max_missing", "expected"),
    [
        (0.0, [[1], [1], [1], [1]]),
        (0.25, [[1, 2], [1, 6], [1, 6], [1, 7]]),
        (0.5, [[1, 2, 4], [1, 6, 6], [1, 6, 5], [1, 7, 5]]),
        (1.0, [[1, 2, 4], [1, 6, 6], [1, 6, 5], [1, 7, 5]]),
    ],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_missing_values_by_hand(max_missing, expected, dtype):
    X = np.array([[1, 2, 4, NAN], [1, NAN, 6, NAN], [1, 6, NAN, NAN], [1, 7, NAN, NAN]], dtype)
    filled = MissingValues(max_missing).fit(X).transform(X)
    assert filled.tolist() == expected
    assert filled.dtype == dtype


def test_medians_are_those_of_the_training_rows():
    filled = MissingValues(0.05).fit(np.array([[1.0], [2.0], [9.0]])).transform(np.array([[NAN], [100.0]]))
    assert filled.tolist() == [[2.0], [100.0]]


def test_anova_equals_scikit_learn_s_and_takes_what_that_warns_of():
    rng = np.random.default_rng(0)
    y = np.arange(60) % 3
    X = rng.normal(size=(60, 5)) + y[:, np.newaxis] * np.arange(5)
    np.testing.assert_array_equal(f_statistic(X, y), f_classif(X, y)[0])
    with_constant = np.column_stack([np.full(60, 0.1), X])
    assert f_statistic(with_constant, y).tolist() == [0, *f_classif(X, y)[0]]
    assert f_statistic(np.ones((60, 2)), y).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("k", "kept"), [(1, [1]), (2, [1, 3]), (3, [1, 2, 3]), (4, [0, 1, 2, 3]), (99, [0, 1, 2, 3])]
)
def test_the_k_best_stay_in_their_order(k, kept):
    X = np.arange(8.0).reshape(2, 4)
    scores = np.array([0.0, 3.0, 1.0, 2.0])
    chosen = KBest(lambda X, y: scores, k).fit(X, [0, 1]).transform(X)
    assert chosen.tolist() == X[:, kept].tolist()


def test_mutual_information_is_that_of_the_classes():
    """A feature that tells two equal classes apart knows ln 2 of them; one that is noise, nothing."""
    rng = np.random.default_rng(0)
    y = np.arange(2000) % 2
    X = np.column_stack([y + 0.1 * rng.random(2000), rng.random(2000), np.full(2000, 3.0)])
    np.testing.assert_allclose(mutual_information(X, y, random_state=0), [np.log(2), 0, 0], atol=0.03)
    with pytest.raises(ValueError, match="each of the 3 training samples has a class of its own"):
        mutual_information(X[:3], np.arange(3), random_state=0)


def test_mutual_information_is_seeded():
    rng = np.random.default_rng(0)
    X, y = rng.integers(0, 9, size=(100, 20)).astype(float), np.arange(100) % 2
    first, again, other = (mutual_information(X, y, random_state=seed).tolist() for seed in (0, 0, 1))
    assert first == again
    assert first != other


@pytest.mark.parametrize(("k", "components"), [(1, 1), (3, 3), (50, 4), (0.5, 1), (0.999, 3)])
def test_components(k, components):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(30, 4)) * [10, 3, 1, 0.01]
    projected = PrincipalComponents(k, 0).fit(X).transform(X)
    assert projected.shape == (30, components)
    np.testing.assert_allclose(np.corrcoef(projected[:, 0], X[:, 0])[0, 1] ** 2, 1, atol=0.01)


@pytest.mark.parametrize(
    ("select", "selected"),
    [
        ({"type": "mutual_info", "k": 4}, 4),
        ({"type": "anova"}, 10),
        ({"type": "anova", "k": 500}, 40),
        ({"type": "variance", "threshold": 5.0}, 20),
        ({"type": "pca", "k": 7}, 7),
        ({"type": "pca", "k": 500}, 30),
        (None, 40),
    ],
)
@pytest.mark.parametrize("cls", [LogisticRegression, RandomForest])
def test_number_of_features_selected(cls, select, selected):
    """30 rows of 40 features, half of them of variance 100, and of none of 41 and 42."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(30, 40)) * np.repeat([1, 10], 20)
    y = np.arange(30) % 2
    X = np.column_stack([X, np.full(30, NAN)])
    assert cls(select=select).fit(X, y).n_features_selected_ == selected


@pytest.mark.parametrize("cls", [KNN, LogisticRegression])
def test_selection_sees_no_test_rows(cls):
    """Of 2,000 features of noise the 10 best foretell the labels, but only of rows that chose them."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 2000)), np.arange(40) % 2
    inside = cross_val_score(cls(select={"type": "anova", "k": 10}), X, y).mean()
    chosen = KBest(f_statistic, 10).fit(X, y).transform(X)
    outside = cross_val_score(cls(), chosen, y).mean()
    assert 0.3 < inside < 0.6
    assert outside > 0.85


WEIGHING = [SVM, LogisticRegression, RandomForest, XGBoost, MLP]


def overlapping():
    rng = np.random.default_rng(0)
    y = np.repeat(["covid", "normal"], [20, 180])
    return rng.normal(size=(200, 2)) + (y == "covid")[:, np.newaxis], y


def small(cls, **parameters):
    sizes = {RandomForest: {"n_estimators": 30, "min_samples_leaf": 10}, XGBoost: {"n_estimators": 5}}
    return cls(**sizes.get(cls, {}), **parameters)


@pytest.mark.parametrize("cls", WEIGHING)
def test_class_weights_raise_the_sensitivity_to_a_rare_class(cls):
    X, y = overlapping()
    plain, balanced = (
        recall_score(y, small(cls, class_weight=weight).fit(X, y).predict(X), pos_label="covid")
        for weight in (None, "balanced")
    )
    assert plain < 0.6
    assert balanced > plain + 0.25


@pytest.mark.parametrize("cls", WEIGHING)
def test_balanced_weights_by_name_and_by_number_are_the_same(cls):
    X, y = overlapping()
    weights = dict(zip(["covid", "normal"], [5.0, 200 / 360], strict=True))
    assert list(weights.values()) == list(compute_class_weight("balanced", classes=np.unique(y), y=y))
    by_name = small(cls, class_weight="balanced").fit(X, y).predict_proba(X)
    by_number = small(cls, class_weight=weights).fit(X, y).predict_proba(X)
    np.testing.assert_array_equal(by_name, by_number)


def test_a_class_left_out_of_the_weights_weighs_one():
    X, y = overlapping()
    one, both = ({"covid": 3}, {"covid": 3, "normal": 1})
    np.testing.assert_array_equal(
        SVM(class_weight=one).fit(X, y).predict_proba(X), SVM(class_weight=both).fit(X, y).predict_proba(X)
    )


def test_weights_of_unknown_classes_are_refused():
    message = (
        "'class_weight' .* names 'covd', which is not a class. Did you mean 'covid'. Classes: covid, normal"
    )
    with pytest.raises(ValueError, match=message):
        SVM(class_weight={"covd": 2}).fit(*overlapping())


def test_more_neighbours_than_rows_are_refused():
    with pytest.raises(ValueError, match="n_neighbors=5 of KNN is more than the 3 training samples"):
        KNN().fit([[0.0], [1.0], [2.0]], ["a", "b", "b"])


def test_fixed_epochs_hide_no_other_warning():
    X, y = overlapping()
    with pytest.warns(UserWarning, match="batch_size") as caught:
        FixedEpochs(batch_size=500, max_iter=2).fit(X, y)
    assert len(caught) == 1


def test_training_goes_on_to_the_last_epoch_when_nothing_improves():
    X, y = np.repeat([[0.0], [9.0]], 20, axis=0), np.repeat([0, 1], 20)
    network = MLP(learning_rate=0.1, epochs=60).fit(X, y).fitted_[-1]
    assert np.argmin(network.loss_curve_) < 30
    assert network.n_iter_ == 60
