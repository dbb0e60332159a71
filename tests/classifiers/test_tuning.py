"""The grid search finds what a loop over scikit-learn's ``cross_val_predict`` finds."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.metrics import balanced_accuracy_score, f1_score, matthews_corrcoef
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from classifiers.knn import KNN
from classifiers.mlp import MLP
from classifiers.svm import SVM

WINE = load_wine(return_X_y=True)


def noisy_wine(seed=0):
    X, y = WINE
    return X + 2 * X.std(axis=0) * np.random.default_rng(seed).normal(size=X.shape), y


@pytest.mark.parametrize("seed", range(3))
def test_best_cost_and_width_equal_a_loop_s(seed):
    X, y = noisy_wine(seed)
    groups = np.arange(len(y)) // 3
    folds = StratifiedGroupKFold(4, shuffle=True, random_state=5)
    scores = {}
    for C in (0.01, 1, 100):
        for gamma in (0.001, 0.1):
            machine = make_pipeline(StandardScaler(), SVC(C=C, gamma=gamma))
            scores[C, gamma] = balanced_accuracy_score(
                y, cross_val_predict(machine, X, y, cv=folds, groups=groups)
            )
    tuned = SVM(tune={"gamma": [0.001, 0.1], "C": [0.01, 1, 100]}, inner_folds=4, random_state=5)
    best = tuned.fit(X, y, groups=groups).best_params_
    assert (best["C"], best["gamma"]) == max(scores, key=scores.get)
    assert len(set(scores.values())) > 3
    chosen = SVM(**best, inner_folds=4, random_state=5).fit(X, y, groups=groups)
    np.testing.assert_array_equal(tuned.predict_proba(X), chosen.predict_proba(X))


@pytest.mark.parametrize(
    ("metric", "score"),
    [
        ("mcc", matthews_corrcoef),
        ("f1_macro", lambda y, labels: f1_score(y, labels, average="macro")),
    ],
)
def test_number_of_features_and_neighbours_equal_a_loop_s(metric, score):
    X, y = noisy_wine()
    folds = StratifiedKFold(3, shuffle=True, random_state=0)
    scores = {}
    for n_neighbors in (1, 9):
        for k in (2, 6, 13):
            model = make_pipeline(
                SelectKBest(f_classif, k=k), StandardScaler(), KNeighborsClassifier(n_neighbors)
            )
            scores[n_neighbors, k] = score(y, cross_val_predict(model, X, y, cv=folds))
    tune = {"select.k": [2, 6, 13], "n_neighbors": [1, 9]}
    tuned = KNN(select={"type": "anova"}, tune=tune, tune_metric=metric).fit(X, y)
    n_neighbors, k = max(scores, key=scores.get)
    assert tuned.best_params_ == {"n_neighbors": n_neighbors, "select.k": k}
    assert tuned.n_features_selected_ == k
    assert tuned.select == {"type": "anova"}
    assert tuned.tune == tune


def test_of_equal_scores_the_first_wins():
    X, y = np.repeat([[0.0], [9.0]], 10, axis=0), np.repeat([0, 1], 10)
    assert KNN(tune={"n_neighbors": [4, 2, 3]}).fit(X, y).best_params_ == {"n_neighbors": 4}


def test_candidates_that_prepare_features_differently_do_not_share_them():
    """A fifth of the only useful feature is missing: it helps only where it may be kept. Likewise scaling."""
    rng = np.random.default_rng(0)
    y = np.arange(80) % 2
    X = np.column_stack([10.0 * y, rng.normal(size=(80, 3))])
    X[rng.permutation(80)[:16], 0] = np.nan
    for values in ([0.0, 0.5], [0.5, 0.0]):
        assert KNN(tune={"max_missing": values}).fit(X, y).best_params_ == {"max_missing": 0.5}
    X[:, 1] *= 1e6
    X[:, 0] = 10.0 * y
    for values in ([None, "standard"], ["standard", None]):
        assert KNN(tune={"scale": values}).fit(X, y).best_params_ == {"scale": "standard"}


def test_layers_can_be_tuned():
    X, y = WINE
    tuned = MLP(tune={"hidden": [[1], [32]]}, epochs=40).fit(X, y)
    assert tuned.best_params_ == {"hidden": [32]}


def test_class_weights_can_be_tuned():
    """One class is rare and overlaps with the other: only weighed is it ever predicted."""
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], [190, 10])
    X = rng.normal(size=(200, 2)) + y[:, np.newaxis]
    assert SVM(tune={"class_weight": [None, "balanced"]}).fit(X, y).best_params_ == {
        "class_weight": "balanced"
    }


def test_too_many_neighbours_for_an_inner_fold():
    X, y = load_breast_cancer(return_X_y=True)
    with pytest.raises(
        ValueError, match=r"n_neighbors=20 of KNN is more than the 1\d training samples \(of an"
    ):
        KNN(tune={"n_neighbors": [1, 20]}).fit(X[:24], y[:24])
