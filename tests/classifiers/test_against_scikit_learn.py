"""Each classifier predicts what a pipeline written by hand from scikit-learn's parts predicts."""

import numpy as np
import pytest
import xgboost
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_breast_cancer, load_iris, load_wine
from sklearn.decomposition import PCA
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_selection import SelectKBest, VarianceThreshold, f_classif, mutual_info_classif
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression as ScikitLogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC

from classifiers.dummy import Dummy
from classifiers.knn import KNN
from classifiers.logistic_regression import LogisticRegression
from classifiers.mlp import MLP
from classifiers.random_forest import RandomForest
from classifiers.svm import SVM
from classifiers.xgboost import XGBoost

DATA = {"iris": load_iris, "wine": load_wine, "breast_cancer": load_breast_cancer}
FOLDS = StratifiedKFold(3, shuffle=True, random_state=0)


def gappy(name):
    """A real table with 2 % of its values missing at random."""
    X, y = DATA[name](return_X_y=True)
    X[np.random.default_rng(1).random(X.shape) < 0.02] = np.nan
    return X, y


def by_hand(*steps):
    return make_pipeline(SimpleImputer(strategy="median"), *steps)


def calibrated(*steps):
    return CalibratedClassifierCV(by_hand(StandardScaler(), *steps), cv=FOLDS, ensemble=False)


def mutual_information(X, y):
    return mutual_info_classif(X, y, random_state=0)


PAIRS = {
    "svm": (SVM(), calibrated(SVC())),
    "svm linear": (SVM(kernel="linear", C=0.1), calibrated(SVC(kernel="linear", C=0.1))),
    "svm poly": (
        SVM(kernel="poly", degree=2, coef0=1, gamma=0.1),
        calibrated(SVC(kernel="poly", degree=2, coef0=1, gamma=0.1)),
    ),
    "random_forest": (
        RandomForest(n_estimators=20, max_depth=4, min_samples_leaf=2),
        by_hand(RandomForestClassifier(20, max_depth=4, min_samples_leaf=2, random_state=0)),
    ),
    "random_forest balanced": (
        RandomForest(n_estimators=20, class_weight="balanced"),
        by_hand(RandomForestClassifier(20, class_weight="balanced", random_state=0)),
    ),
    "knn": (KNN(), by_hand(StandardScaler(), KNeighborsClassifier(5))),
    "knn manhattan": (
        KNN(n_neighbors=3, weights="distance", metric="manhattan", scale="minmax"),
        by_hand(MinMaxScaler(), KNeighborsClassifier(3, weights="distance", metric="manhattan")),
    ),
    "knn unscaled": (KNN(scale=None), by_hand(KNeighborsClassifier(5))),
    "xgboost": (
        XGBoost(n_estimators=20, subsample=0.8),
        by_hand(xgboost.XGBClassifier(n_estimators=20, subsample=0.8, max_bin=32, random_state=0, n_jobs=1)),
    ),
    "logistic_regression": (
        LogisticRegression(C=0.5),
        by_hand(StandardScaler(), ScikitLogisticRegression(C=0.5, max_iter=1000)),
    ),
    "logistic_regression balanced": (
        LogisticRegression(class_weight="balanced"),
        by_hand(StandardScaler(), ScikitLogisticRegression(class_weight="balanced", max_iter=1000)),
    ),
    "dummy": (Dummy(), DummyClassifier(strategy="prior")),
    "mutual information": (
        KNN(select={"type": "mutual_info", "k": 3}),
        by_hand(SelectKBest(mutual_information, k=3), StandardScaler(), KNeighborsClassifier(5)),
    ),
    "anova": (
        KNN(select={"type": "anova", "k": 3}),
        by_hand(SelectKBest(f_classif, k=3), StandardScaler(), KNeighborsClassifier(5)),
    ),
    "variance": (
        KNN(select={"type": "variance", "threshold": 0.1}),
        by_hand(VarianceThreshold(0.1), StandardScaler(), KNeighborsClassifier(5)),
    ),
    "components": (
        KNN(select={"type": "pca", "k": 3}),
        by_hand(StandardScaler(), PCA(3, random_state=0), KNeighborsClassifier(5)),
    ),
    "components for trees": (
        RandomForest(n_estimators=20, select={"type": "pca", "k": 0.9}),
        by_hand(StandardScaler(), PCA(0.9, random_state=0), RandomForestClassifier(20, random_state=0)),
    ),
    "selection before calibration": (
        SVM(select={"type": "anova", "k": 2}),
        CalibratedClassifierCV(
            by_hand(SelectKBest(f_classif, k=2), StandardScaler(), SVC()), cv=FOLDS, ensemble=False
        ),
    ),
}


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("pair", PAIRS)
def test_equals_a_pipeline_by_hand(pair, data):
    X, y = gappy(data)
    ours, theirs = (clone(classifier) for classifier in PAIRS[pair])
    if hasattr(ours, "max_missing"):
        ours.set_params(max_missing=0.5)
    ours.fit(X[::2], y[::2])
    theirs.fit(X[::2], y[::2])
    np.testing.assert_allclose(ours.predict_proba(X[1::2]), theirs.predict_proba(X[1::2]), atol=1e-9)
    assert ours.predict(X[1::2]).tolist() == theirs.predict(X[1::2]).tolist()


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_mlp_equals_scikit_learn_s():
    X, y = load_wine(return_X_y=True)
    network = MLPClassifier(
        (16, 8), max_iter=25, n_iter_no_change=25, batch_size=16, learning_rate_init=0.01, random_state=0
    )
    theirs = make_pipeline(StandardScaler(), network).fit(X[::2], y[::2])
    ours = MLP(hidden=[16, 8], epochs=25, batch_size=16, learning_rate=0.01).fit(X[::2], y[::2])
    assert network.n_iter_ == 25
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-9)


@pytest.mark.parametrize("C", [1, 10])
def test_calibration_costs_the_machine_no_accuracy(C):
    X, y = load_breast_cancer(return_X_y=True)
    decided = cross_val_predict(make_pipeline(StandardScaler(), SVC(C=C)), X, y, cv=FOLDS)
    calibrated = cross_val_predict(SVM(C=C), X, y, cv=FOLDS)
    assert accuracy_score(y, decided) > 0.95
    assert abs(accuracy_score(y, calibrated) - accuracy_score(y, decided)) < 0.01
