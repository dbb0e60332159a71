"""One fit: a fold goes in, predictions come out."""

from __future__ import annotations

import time
import traceback
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from sklearn.utils.validation import has_fit_parameter
from threadpoolctl import threadpool_limits

from suite.errors import did_you_mean
from suite.executors import own_device
from suite.explanation import ExplanationUnit, explain_fit
from suite.extraction import Failure, load_features
from suite.preprocessing import Copies
from suite.registry import Registry
from suite.store import Store
from suite.training import training_facts

__all__ = ["OWN", "FitUnit", "read_fit", "run_fit", "write_fit"]

PIXEL = "pixel_"
OWN = "own"  # the device that the process owns


@dataclass(frozen=True, eq=False)
class FitUnit:
    """All that one fit needs, by reference where it is large.

    Attributes
    ----------
    parts : tuple of tuple of str
        Shard keys of each extractor; none: the classifier gets no features.
    train, test : ndarray of int
        Row numbers in the feature table.
    y_train : ndarray of int
        Class positions of the training rows; the test rows' are in ``explanation`` alone, which is looked at
        once predictions are stored.
    groups : ndarray of int
        Group numbers of the training rows, for inner folds.
    copies : Copies or None
        Augmented copies that follow each row in the feature table; those of training rows are fitted to.
    explanation : ExplanationUnit or None
        What to explain afterwards, of a classifier that can.
    """

    key: str
    store: Path
    parts: tuple[tuple[str, ...], ...]
    train: np.ndarray
    test: np.ndarray
    y_train: np.ndarray
    groups: np.ndarray
    classes: tuple[str, ...]
    plugin: str
    parameters: Mapping[str, Any]
    seed: int
    registry: Registry
    device: str = "cpu"
    copies: Copies | None = None
    explanation: ExplanationUnit | None = None


@dataclass(frozen=True, eq=False)
class _Fitted:
    """A fitted classifier, what it predicted, and the test images if it was given images."""

    classifier: Any
    y_pred: np.ndarray
    proba: np.ndarray
    facts: dict[str, Any]
    images: np.ndarray | None


def run_fit(unit: FitUnit) -> Failure | None:
    """Fit on the training rows, predict the test rows, store the predictions; explain them afterwards."""
    with threadpool_limits(1):
        fitted = _stored_fit(unit)
        if isinstance(fitted, Failure):
            return fitted
        if unit.explanation is not None:
            store, of = Store(unit.store), fitted
            explain_fit(unit.explanation, store, of.classifier, of.images, of.y_pred, of.proba)
    return None


def _stored_fit(unit: FitUnit) -> _Fitted | Failure:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            fitted = _fit_and_predict(unit)
        except Exception as error:
            return Failure(f"{unit.plugin}: {error or type(error).__name__}", traceback.format_exc())
    facts = fitted.facts | {"warnings": sorted({str(warning.message) for warning in caught})}
    write_fit(Store(unit.store), unit.key, unit.test, fitted.y_pred, fitted.proba, facts)
    return fitted


def _fit_and_predict(unit: FitUnit) -> _Fitted:
    values, names = load_features(unit.store, unit.parts)
    if not unit.parts:
        values = np.empty((max(unit.train.max(), unit.test.max()) + 1, 0))
    classifier = _create(unit)
    train, test, y_train, groups = _rows(unit)
    options = {"groups": groups} if has_fit_parameter(classifier, "groups") else {}
    if getattr(classifier, "INPUT", "features") == "images" and names[-1].startswith(PIXEL):
        values = _as_images(values, names)
    tested = values[test]
    start = time.perf_counter()
    classifier.fit(values[train], y_train, **options)
    fitted = time.perf_counter()
    proba = np.asarray(classifier.predict_proba(tested))
    y_pred = np.asarray(classifier.classes_)[proba.argmax(axis=1)]
    predicted = time.perf_counter()
    _check(proba, unit)
    facts = {
        "seconds_fit": fitted - start,
        "seconds_predict": predicted - fitted,
        "n_features": len(names),
        "n_features_selected": _plain(getattr(classifier, "n_features_selected_", None)),
        "best_params": _plain(getattr(classifier, "best_params_", {})),
        "training": training_facts(classifier),
    }
    return _Fitted(classifier, y_pred, proba, facts, tested if values.ndim == 3 else None)


def _rows(unit: FitUnit) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return rows of the table to fit to and to predict, and classes and groups of the former."""
    copies = unit.copies
    if copies is None:
        return unit.train, unit.test, unit.y_train, unit.groups
    y_train, groups = copies.repeated(unit.y_train), copies.repeated(unit.groups)
    return copies.rows(unit.train), copies.originals(unit.test), y_train, groups


def _create(unit: FitUnit) -> Any:
    parameters = dict(unit.parameters)
    if isinstance(parameters.get("class_weight"), Mapping):
        parameters["class_weight"] = _by_position(parameters["class_weight"], unit.classes)
    classifier = unit.registry.create("classifiers", unit.plugin, parameters)
    checkpoint = str(unit.store / "checkpoints" / f"{unit.key}.state")
    known = classifier.get_params()
    device = own_device() if unit.device == OWN else unit.device
    given = {"random_state": unit.seed, "device": device, "checkpoint": checkpoint}
    return classifier.set_params(
        **{name: value for name, value in given.items() if name in known and name not in unit.parameters}
    )


def _as_images(values: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """Give rows of pixels the shape of images: the last pixel's name tells height and width."""
    height, width = (int(number) + 1 for number in names[-1].removeprefix(PIXEL).split("_"))
    return values.reshape(-1, height, width)


def _by_position(weights: Mapping[Any, float], classes: tuple[str, ...]) -> dict[int, float]:
    """Name classes by their position, as ``y`` does."""
    unknown = [name for name in weights if name not in classes]
    if unknown:
        raise ValueError(
            f"class_weight names {unknown[0]!r}.{did_you_mean(unknown[0], classes)}"
            f" Classes: {', '.join(classes)}."
        )
    return {classes.index(name): weight for name, weight in weights.items()}


def _check(proba: np.ndarray, unit: FitUnit) -> None:
    if proba.shape != (len(unit.test), len(unit.classes)):
        raise ValueError(
            f"gave probabilities of shape {proba.shape}; {(len(unit.test), len(unit.classes))} was expected"
        )
    if not np.isfinite(proba).all():
        raise ValueError(f"gave {int((~np.isfinite(proba)).sum())} probabilities that are not finite")
    worst = np.abs(proba.sum(axis=1) - 1).max(initial=0)
    if worst > 1e-3 or proba.min(initial=0) < 0:
        raise ValueError("gave probabilities that are negative or do not add up to 1")


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return value.item() if isinstance(value, np.generic) else value


def write_fit(
    store: Store, key: str, rows: np.ndarray, y_pred: np.ndarray, proba: np.ndarray, facts: Mapping[str, Any]
) -> None:
    """Store test rows, predicted class positions, probabilities and facts of a fit."""
    flat = pa.array(np.ascontiguousarray(proba, dtype=np.float64).ravel())
    table = pa.table(
        {
            "row": rows.astype(np.int64),
            "y_pred": y_pred.astype(np.int64),
            "proba": pa.FixedSizeListArray.from_arrays(flat, proba.shape[1]),
        }
    )
    store.write("fits", key, table, facts)


def read_fit(store: Store, key: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, dict[str, Any]] | None:
    """Return test rows, predicted class positions, probabilities and facts of a fit, or None if absent."""
    found = store.read("fits", key)
    if found is None:
        return None
    table, facts = found
    proba = table["proba"].combine_chunks()
    flat = proba.flatten().to_numpy(zero_copy_only=False)
    return table["row"].to_numpy(), table["y_pred"].to_numpy(), flat.reshape(table.num_rows, -1), facts
