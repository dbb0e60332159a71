"""Test data: a run directory made of seeded random predictions; no image, no patient is behind it."""

import itertools
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    log_loss,
    precision_recall_fscore_support,
    roc_auc_score,
)

from reports import build
from reports.run_directory import COLUMNS

HOSTILE_EXTRACTOR = "<img src=x onerror=alert(1)>&50%"
HOSTILE_CLASSIFIER = "=knn_k|3"
HOSTILE_CLASS = r"\input{/etc/passwd}#_$x$ & 你好"
TASKS = {"covid": (("other", "covid"), "covid"), "three_class": (("normal", HOSTILE_CLASS, "covid"), None)}
METRICS = {
    "accuracy": ("Accuracy", True),
    "balanced_accuracy": ("Balanced accuracy", True),
    "sensitivity": ("Sensitivity", True),
    "precision": ("Precision", True),
    "f1": ("F1", True),
    "roc_auc": ("ROC-AUC", True),
    "log_loss": ("Log loss", False),
}
COUNTS = ("n_parameters", "n_parameters_trainable", "peak_memory")
PRECISION = ("precision", "precision_agreement")
HISTORY = ["key", "repeat", "fold", "epoch", "measure", "value"]
LAYER = ["key", "position", "layer", "output_shape", "parameters", "trainable"]
NAMES = ["dataset", "task", "protocol", "preprocessing", "extractor", "classifier", "variant", "role", "key"]


def _samples(rng):
    """Return 90 patients with 1 to 3 images; source gamma holds nothing but covid."""
    rows = []
    for patient, label in itertools.product(range(30), ("normal", HOSTILE_CLASS, "covid")):
        source = rng.choice(["alpha", "beta"]) if label != "covid" or patient % 3 else "gamma"
        for image in range(rng.integers(1, 4)):
            width = int(rng.integers(400, 1200)) if label == "covid" else 1024
            size = {"width": width, "height": width - 24, "bit_depth": 8, "format": "PNG"}
            group = f"{label[:3]}{patient:02d}"
            rows.append(
                {"dataset": "chest", "sample_id": f"{group}_{image}", "label": label, "group": group}
                | {"source": source, "split": None, "synthetic": True}
                | size
            )
    return pd.DataFrame(rows)


def _labels(samples, task):
    return (
        samples["label"]
        if task == "three_class"
        else samples["label"].where(samples["label"] == "covid", "other")
    )


def _folds(samples, protocol, rng):
    """Return the fold in which each sample is tested."""
    if protocol == "by_source":
        return samples["source"].map({"alpha": 0, "beta": 1, "gamma": 2}).to_numpy()
    groups = samples["group"].unique()
    return samples["group"].map(dict(zip(groups, rng.permutation(len(groups)) % 5, strict=True))).to_numpy()


def _cells():
    """Return role, extractor, classifier, variant, skill of every cell, for each task and protocol."""
    extractors = {"glcm": 0.9, "lbp": 0.6, HOSTILE_EXTRACTOR: 1.1}
    classifiers = {"svm": 0.2, "random_forest": 0.1, HOSTILE_CLASSIFIER: -0.2}
    for (extractor, a), (classifier, b) in itertools.product(extractors.items(), classifiers.items()):
        if (extractor, classifier) != ("lbp", HOSTILE_CLASSIFIER):
            yield "cell", extractor, classifier, "", a + b
    yield "baseline", "none", "dummy", "", 0.0
    yield "baseline", "image_size", "random_forest", "", 1.0
    for variant, skill in {"full system": 1.1, "without CLAHE": 0.9, "without <wavelets>": 0.5}.items():
        yield "ablation", "glcm", "svm", variant, skill


def _predict(y, classes, skill, rng):
    scores = rng.normal(size=(len(y), len(classes)))
    scores[np.arange(len(y)), y] += skill * 1.5
    if skill == 0:
        scores[:] = [1.0, 0.5, 0.2][: len(classes)]
    proba = np.exp(scores)
    return proba / proba.sum(axis=1, keepdims=True)


def _area(y, scores):
    return roc_auc_score(y, scores) if 0 < y.sum() < len(y) else np.nan


def _measure(y, proba, positive):
    """Return metric → value, and (metric, class) → value."""
    k = proba.shape[1]
    predicted = proba.argmax(axis=1)
    precision, recall, f1, support = precision_recall_fscore_support(
        y, predicted, labels=range(k), zero_division=np.nan
    )
    recall = np.where(support == 0, np.nan, recall)
    by_class = {"sensitivity": recall, "precision": precision, "f1": f1}
    by_class["roc_auc"] = np.array([_area(y == c, proba[:, c]) for c in range(k)])
    values = {(name, c): column[c] for name, column in by_class.items() for c in range(k)}
    for name, column in by_class.items():
        values[name, None] = column.mean() if positive is None else column[positive]
    values["accuracy", None] = accuracy_score(y, predicted)
    missing = len(np.unique(y)) < k
    values["balanced_accuracy", None] = np.nan if missing else balanced_accuracy_score(y, predicted)
    values["log_loss", None] = log_loss(y, proba, labels=range(k))
    return values


def _metric_rows(cell, y, proba, folds, classes, positive):
    parts = [(None, np.ones(len(y), dtype=bool)), *((f, folds == f) for f in np.unique(folds))]
    for fold, mask in parts:
        for (metric, klass), value in _measure(y[mask], proba[mask], positive).items():
            half = np.sqrt(0.25 / len(y)) * 1.5 if fold is None else np.nan
            display, higher = METRICS[metric]
            yield {
                **cell, "repeat": None if fold is None else 0, "fold": fold,
                "metric": metric, "display": display, "higher_is_better": higher,
                "class": None if klass is None else classes[klass], "value": value,
                "low": max(value - half, 0.0), "high": min(value + half, 1.0) if higher else value + half,
            }  # fmt: skip


def make_run(folder, seed=0):
    """Write a run directory of test data."""
    rng = np.random.default_rng(seed)
    samples = _samples(rng)
    cells, metrics, predictions, fold_rows, class_rows = [], [], [], [], []
    for task, (classes, positive_name) in TASKS.items():
        labels = _labels(samples, task)
        y = labels.map(classes.index).to_numpy()
        positive = None if positive_name is None else classes.index(positive_name)
        for position, name in enumerate(classes):
            of_class = samples[labels == name]
            class_rows.append(
                {"dataset": "chest", "task": task, "class": name, "position": position}
                | {"positive": name == positive_name, "n_samples": len(of_class)}
                | {"n_groups": of_class["group"].nunique()}
            )
        for protocol in ("kfold5", "by_source"):
            folds = _folds(samples, protocol, rng)
            where = {"dataset": "chest", "task": task, "protocol": protocol, "preprocessing": "clahe"}
            for fold in np.unique(folds):
                part = np.where(folds == fold, "test", "train")
                one_fold = {**where, "variant": "", "repeat": 0, "fold": int(fold), "part": part}
                fold_rows.append(samples[["sample_id"]].assign(**one_fold))
            for role, extractor, classifier, variant, skill in _cells():
                key = f"{task}/{protocol}/{extractor}/{classifier}/{variant}"
                cell = dict(
                    zip(NAMES, [*where.values(), extractor, classifier, variant, role, key], strict=True),
                    protocol_remark="",
                    extractor_remark="",
                    classifier_remark="",
                )
                failed = (extractor, classifier, protocol) == ("glcm", "random_forest", "by_source")
                cells.append(_cell_row(cell, failed, len(samples), len(np.unique(folds))))
                if failed:
                    continue
                proba = _predict(y, classes, skill, rng)
                metrics += _metric_rows(cell, y, proba, folds, classes, positive)
                names = np.asarray(classes, dtype=object)
                predictions.append(
                    samples[["sample_id", "group"]].assign(
                        key=key, repeat=0, fold=folds, y_true=names[y], y_pred=names[proba.argmax(axis=1)],
                        proba=list(proba),
                    )
                )  # fmt: skip
    tables = {
        "cells": pd.DataFrame(cells), "metrics": pd.DataFrame(metrics), "predictions": pd.concat(predictions),
        "folds": pd.concat(fold_rows), "samples": samples, "classes": pd.DataFrame(class_rows),
        "histories": pd.DataFrame(columns=HISTORY), "layers": pd.DataFrame(columns=LAYER),
        "heat": pd.DataFrame(columns=COLUMNS["heat"]),
        "heat_shares": pd.DataFrame(columns=COLUMNS["heat_shares"]),
    }  # fmt: skip
    (folder / "results").mkdir(parents=True)
    for name, table in tables.items():
        for column in {"repeat", "fold", "n_features", *COUNTS} & set(table.columns):
            table[column] = table[column].astype("Int64")
        table.to_parquet(folder / "results" / f"{name}.parquet", index=False)
    _write_texts(folder)
    return folder


def _cell_row(cell, failed, n_images, n_fits):
    is_svm = cell["classifier"] == "svm"
    times = {"seconds_extract": 4.5, "seconds_fit": 0.25 * n_fits, "seconds_predict": 0.4}
    return {
        **cell,
        "status": "failed" if failed else "done",
        "reason": "MemoryError: <b>no</b> room for 10^9 trees & \\more" if failed else None,
        "n_features": 24,
        "n_images": n_images,
        "n_fits": n_fits,
        **dict.fromkeys(COUNTS + PRECISION),
        "best_params": None if failed else json.dumps([{"C": 10}, {"C": 1}, {"C": 10}] if is_svm else [{}]),
        "warnings": "did not <converge>" if is_svm and not failed else None,
        **(dict.fromkeys(times, None) if failed else times),
    }


def _write_texts(folder):
    grid = {
        "name": "test_data",
        "description": "Random predictions for tests of the report & nothing <else>",
        "report": {"title": "Texture features on <chest> radiographs, 50 % random"},
        "published": [
            {"source": "Somebody 2022, Table 1", "task": "covid", "classifier": "svm", "accuracy": 0.997},
            {"source": "Nobody <2021>", "task": "four_class", "classifier": "svm", "accuracy": 0.9},
            {
                "source": "Else 2020", "task": "covid", "protocol": "kfold5", "extractor": "glcm",
                "classifier": "svm", "roc_auc": 0.95, "loss": 0.05,
            },
        ],
    }  # fmt: skip
    text = yaml.safe_dump(grid, sort_keys=False)
    (folder / "grid.yaml").write_text("# as written by the user\n" + text, encoding="utf-8")
    (folder / "grid.resolved.yaml").write_text(text, encoding="utf-8")
    environment = {
        "suite": "0.1.0", "commit": None, "python": "3.11.7", "platform": "Linux", "processor": "x86_64",
        "cores": 2, "memory_gib": 23.5, "packages": {"numpy": "2.4.6"}, "jobs": 2,
        "started": "2026-11-20T20:00:00", "seconds": 123.4, "format": 3,
        "command": "python -m suite run grids/test_data.yaml --set 'a=<b>'",
    }  # fmt: skip
    (folder / "environment.json").write_text(json.dumps(environment), encoding="utf-8")
    findings = [
        {"code": "DUPLICATE_IMAGES", "severity": "note", "message": "2 pictures are equal.", "advice": "",
         "samples": ["nor00_0", "nor01_0"], "ignored": False},
        {"code": "CLASS_SOURCE_CONFOUNDED", "severity": "warning", "samples": [], "ignored": False,
         "message": "All images of source 'gamma' are of the class 'covid' <i>.",
         "advice": "Use a protocol that leaves a source out."},
        {"code": "GROUP_ACROSS_SPLITS", "severity": "error", "message": "3 patients stand in train and test.",
         "advice": "", "samples": ["=cmd|x"], "ignored": True},
    ]  # fmt: skip
    (folder / "audit.json").write_text(json.dumps({"findings": findings}), encoding="utf-8")


@pytest.fixture(scope="session")
def pristine(tmp_path_factory):
    """Return a run directory of test data, to be read only."""
    return make_run(tmp_path_factory.mktemp("reports") / "run")


@pytest.fixture
def run_dir(pristine, tmp_path):
    """Return a run directory of test data that the test may change."""
    return Path(shutil.copytree(pristine, tmp_path / "run"))


@pytest.fixture(scope="session")
def report(pristine, tmp_path_factory):
    """Return the folder of a report in all formats, to be read only."""
    run = shutil.copytree(pristine, tmp_path_factory.mktemp("built") / "run")
    return build(run).parent
