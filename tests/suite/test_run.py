"""A run end to end: what it writes, that it resumes, and that its numbers depend on nothing but the grid."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
import yaml
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

ROOT = Path(__file__).parents[2]


def table(run_dir, name):
    return pq.read_table(run_dir / "results" / f"{name}.parquet").to_pandas()


def prediction_bytes(run_dir):
    return (run_dir / "results" / "predictions.parquet").read_bytes()


def test_what_a_run_writes(write_grid, suite, tmp_path):
    """The contract's files and columns, and numbers that add up."""
    suite("run", write_grid(), "--set", "report.formats=[html, latex]", check=0)
    run_dir = tmp_path / "runs" / "small"
    cells = table(run_dir, "cells")
    assert len(cells) == 2 * (3 * 2 + 2)  # two tasks × (3 extractors × 2 classifiers + 2 baselines)
    assert set(cells["status"]) == {"done"}
    contract = "dataset task protocol preprocessing extractor classifier variant key status reason n_features"
    assert set(contract.split()) <= set(cells)
    assert {"seconds_extract", "seconds_fit", "seconds_predict"} <= set(cells)
    by_extractor = cells.groupby("extractor")["n_features"].first()
    assert by_extractor["both"] == by_extractor["first_order"] + by_extractor["glcm"] == 18 + 24
    assert by_extractor["none"] == 0

    predictions = table(run_dir, "predictions")
    assert list(predictions) == ["key", "repeat", "fold", "sample_id", "group", "y_true", "y_pred", "proba"]
    per_cell = predictions.groupby("key")["sample_id"]
    assert (per_cell.nunique() == 36).all()  # every sample is tested once in every cell
    assert (per_cell.size() == 36).all()

    folds = table(run_dir, "folds")
    assert set(folds["part"]) == {"train", "test"}
    patients = folds.assign(patient=folds["sample_id"].str.rsplit("-", n=1).str[0])
    sides = patients.groupby(["task", "protocol", "preprocessing", "fold", "patient"])["part"].nunique()
    assert (sides == 1).all()

    environment = json.loads((run_dir / "environment.json").read_text())
    assert environment["packages"]["scikit-learn"]
    assert yaml.safe_load((run_dir / "grid.resolved.yaml").read_text())["extractors"]["glcm"]["levels"] == 8
    assert json.loads((run_dir / "audit.json").read_text())["findings"][-1]["code"] == "SYNTHETIC_DATA"
    assert "synthetic" in (run_dir / "report" / "index.html").read_text().lower()
    assert list((run_dir / "report" / "tables").glob("*.tex"))


def test_metrics_are_those_of_the_predictions(write_grid, suite, tmp_path):
    suite("run", write_grid(), "--only", "*/kfold/none/glcm/knn", "--out", "out", check=0)
    metrics, predictions = table(tmp_path / "out", "metrics"), table(tmp_path / "out", "predictions")
    cell = metrics[(metrics["task"] == "covid") & metrics["class"].isna()]
    chosen = predictions[predictions["key"] == cell["key"].iloc[0]]
    pooled = cell[cell["fold"].isna()].set_index("metric")
    assert pooled.loc["accuracy", "value"] == accuracy_score(chosen["y_true"], chosen["y_pred"])
    covid = chosen["proba"].str[1]
    auc = roc_auc_score(chosen["y_true"] == "covid", covid)
    assert pooled.loc["roc_auc", "value"] == pytest.approx(auc, rel=1e-12)
    assert pooled.loc["accuracy", "low"] <= pooled.loc["accuracy", "value"] <= pooled.loc["accuracy", "high"]
    for fold, part in chosen.groupby("fold"):
        of_fold = cell[(cell["fold"] == fold) & (cell["metric"] == "accuracy")]["value"].item()
        assert of_fold == accuracy_score(part["y_true"], part["y_pred"])


def test_predictions_are_those_of_a_loop_written_by_hand(write_grid, suite, tmp_path):
    """Features, folds and fits of a cell, redone with the libraries alone."""
    from feature_extractors.glcm import GLCM
    from suite.datasets.phantom import Phantom

    suite(
        "run",
        write_grid(),
        "--only",
        "three_class/kfold/none/glcm/logistic_regression",
        "--out",
        "out",
        check=0,
    )
    run_dir = tmp_path / "out"
    data = Phantom(patients=6, images_per_patient=2, size=48).load(Path)
    features = GLCM(levels=8).fit_transform([image.read() for image in data.images])
    position = {name: row for row, name in enumerate(data.samples["sample_id"])}
    folds, predictions = table(run_dir, "folds"), table(run_dir, "predictions").set_index("sample_id")
    codes = data.samples["label"].map({"normal": 0, "pneumonia": 1, "covid": 2}).to_numpy()
    for _, fold in folds[folds["task"] == "three_class"].groupby("fold"):
        rows = {part: [position[name] for name in rows] for part, rows in fold.groupby("part")["sample_id"]}
        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=10_000))
        model.fit(features[rows["train"]], codes[rows["train"]])
        ours = predictions.loc[data.samples["sample_id"].iloc[rows["test"]], "proba"].to_list()
        assert pd.DataFrame(model.predict_proba(features[rows["test"]])).to_numpy() == pytest.approx(
            pd.DataFrame(ours).to_numpy(), rel=1e-9
        )


def test_tasks_that_differ_in_the_names_of_classes_alone_share_fits_and_keep_their_names(
    write_grid, suite, tmp_path
):
    text = write_grid().read_text()
    text = text.replace(
        "  three_class: {classes: [normal, pneumonia, covid]}\n",
        "  sick: {classes: {no: [normal, pneumonia], yes: [covid]}, positive: yes}\n",
    )
    assert "sick" in text
    done = suite("run", write_grid(text), "--only", "*/kfold/none/glcm/knn", "--out", "out", check=0)
    assert "3 of 3 fits" in done.stderr
    cells, predictions = table(tmp_path / "out", "cells"), table(tmp_path / "out", "predictions")
    named = predictions.merge(cells[["key", "task"]], on="key").groupby("task")["y_true"].unique().map(set)
    assert named.to_dict() == {"covid": {"other", "covid"}, "sick": {"no", "yes"}}
    values = table(tmp_path / "out", "metrics").query("fold.isna() and `class`.isna()")
    assert values.groupby("metric")["value"].nunique().eq(1).all()


def test_a_second_run_computes_nothing_and_changes_nothing(write_grid, suite, tmp_path):
    grid, html = write_grid(), ("--set", "report.formats=[html]")
    suite("run", grid, *html, check=0)
    run_dir = tmp_path / "runs" / "small"
    first = prediction_bytes(run_dir)
    stored = {p: p.stat().st_mtime_ns for p in (run_dir / "store").rglob("*") if p.is_file()}
    report = {p: p.stat().st_mtime_ns for p in (run_dir / "report").rglob("*")}
    again = suite("run", grid, *html, check=0)
    assert "Extracting" not in again.stderr
    assert "Fitting" not in again.stderr
    assert {p: p.stat().st_mtime_ns for p in (run_dir / "report").rglob("*")} == report
    assert {p: p.stat().st_mtime_ns for p in (run_dir / "store").rglob("*") if p.is_file()} == stored
    assert prediction_bytes(run_dir) == first
    (run_dir / "report" / "index.html").unlink()
    suite("run", grid, *html, check=0)
    assert (run_dir / "report" / "index.html").is_file()
    suite("run", grid, *html, "--set", "report.title=Another", check=0)
    assert "Another" in (run_dir / "report" / "index.html").read_text()


def test_jobs_and_renaming_change_no_bit(write_grid, suite, tmp_path):
    grid = write_grid()
    suite("run", grid, "--out", "one", "--jobs", 1, check=0)
    suite("run", grid, "--out", "two", "--jobs", 2, check=0)
    assert prediction_bytes(tmp_path / "one") == prediction_bytes(tmp_path / "two")
    renamed = yaml.safe_load(grid.read_text())
    renamed["extractors"] = {"gray levels": {"type": "glcm", "levels": 8}, "first_order": {}}
    other = write_grid(yaml.safe_dump(renamed, sort_keys=False), "renamed.yaml")
    store = str(tmp_path / "one" / "store")
    done = suite("run", other, "--out", "renamed", SUITE_STORE=store, check=0)
    assert "Fitting" not in done.stderr  # the same content under another name, in another order


def test_one_changed_parameter_recomputes_only_what_hangs_on_it(write_grid, suite, tmp_path):
    grid = write_grid()
    suite("run", grid, check=0)
    done = suite("run", grid, "--set", "classifiers.knn.n_neighbors=5", check=0)
    assert "Extracting" not in done.stderr
    assert "Fitting and predicting: 18 of 18 fits" in done.stderr  # knn: 2 tasks × 3 extractors × 3 folds


@pytest.mark.parametrize("moment", [0.3, 0.6])
def test_killed_and_run_again_gives_the_same_bytes(write_grid, suite, tmp_path, moment):
    """SIGKILL after a share of the store is written; the second run finishes the rest."""
    grid = write_grid()
    suite("run", grid, "--out", "whole", check=0)
    total = sum(1 for p in (tmp_path / "whole" / "store").rglob("*.json"))
    command = [sys.executable, "-m", "suite", "run", str(grid), "--out", "cut"]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    store = tmp_path / "cut" / "store"
    deadline = time.monotonic() + 120
    while sum(1 for p in store.rglob("*.json")) < moment * total:
        assert process.poll() is None, "finished before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "cut" / "results").exists()
    suite("run", grid, "--out", "cut", check=0)
    assert prediction_bytes(tmp_path / "cut") == prediction_bytes(tmp_path / "whole")


def test_damaged_artifacts_are_done_again(write_grid, suite, tmp_path):
    grid = write_grid()
    suite("run", grid, check=0)
    run_dir = tmp_path / "runs" / "small"
    first = prediction_bytes(run_dir)
    for kind in ("features", "fits"):
        for number, path in enumerate(sorted((run_dir / "store" / kind).rglob("*.parquet"))):
            data = path.read_bytes()
            path.write_bytes([data[:-9], b"", data[:40] + b"\0" + data[41:]][number % 3])
    suite("run", grid, check=0)
    assert prediction_bytes(run_dir) == first


@pytest.mark.parametrize("name", ["cells", "predictions", "metrics", "folds"])
@pytest.mark.parametrize("damage", ["remove", "truncate"])
def test_lost_or_damaged_result_tables_are_written_again(write_grid, suite, tmp_path, name, damage):
    grid = write_grid()
    html = ("--set", "report.formats=[html]", "--only", "*/kfold/none/glcm/knn")
    suite("run", grid, *html, check=0)
    path = tmp_path / "runs" / "small" / "results" / f"{name}.parquet"
    first = path.read_bytes()
    path.unlink() if damage == "remove" else path.write_bytes(first[:-20])
    suite("run", grid, *html, check=0)
    assert path.read_bytes() == first


def test_two_processes_on_one_grid_disturb_nothing(write_grid, suite, tmp_path):
    grid = write_grid()
    suite("run", grid, "--out", "alone", check=0)
    command = [sys.executable, "-m", "suite", "run", str(grid), "--out", "both"]
    pair = [
        subprocess.Popen(
            command,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        for _ in range(2)
    ]
    errors = [process.communicate(timeout=300)[1] for process in pair]
    assert [process.returncode for process in pair] == [0, 0], errors
    assert prediction_bytes(tmp_path / "both") == prediction_bytes(tmp_path / "alone")


FAILING = '''\
"""An extractor that fails on the films of one patient."""

import numpy as np

__all__ = ["Picky"]


class Picky:
    """Mean gray value, of images it likes."""

    def __init__(self, limit=0.0):
        self.limit = limit

    def get_params(self, deep=True):
        return {"limit": self.limit}

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        if any(image.mean() > self.limit for image in X):
            raise RuntimeError("this image is too bright for me")
        return np.array([[image.mean()] for image in X])

    def get_feature_names_out(self):
        return ["mean"]
'''


def test_a_failing_cell_is_shown_and_the_others_go_on(write_grid, suite, tmp_path):
    (tmp_path / "picky.py").write_text(FAILING)
    grid = write_grid()
    text = grid.read_text().replace("extractors: {", "extractors: {picky: {}, ") + "plugins: [picky.py]\n"
    done = suite("run", write_grid(text), "--set", "report.formats=[html]", check=1)
    run_dir = tmp_path / "runs" / "small"
    cells = table(run_dir, "cells")
    failed = cells[cells["status"] == "failed"]
    assert set(failed["extractor"]) == {"picky"}
    assert failed["reason"].str.contains(r"picky on phantom-.*: this image is too bright for me").all()
    assert (cells["status"] == "done").sum() == 2 * (3 * 2 + 2)
    assert "4 of 20 cells failed" in done.stderr
    assert "RuntimeError" in (run_dir / "failures.txt").read_text()
    assert "failed" in (run_dir / "report" / "index.html").read_text()
    mended = suite("run", write_grid(text.replace("picky: {}", "picky: {limit: 1000.0}")), check=0)
    assert "failed" not in mended.stderr


def test_the_report_is_rebuilt_from_predictions_alone(write_grid, suite, tmp_path):
    suite("run", write_grid(), "--set", "report.formats=[html]", "--out", "out", check=0)
    run_dir = tmp_path / "out"
    before = table(run_dir, "metrics")
    for path in sorted((run_dir / "store").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (run_dir / "results" / "metrics.parquet").unlink()
    (run_dir / "report" / "index.html").unlink()
    suite("report", run_dir, check=0)
    pd.testing.assert_frame_equal(table(run_dir, "metrics"), before)
    assert (run_dir / "report" / "index.html").is_file()


def test_external_data_are_tested_with_all_development_data(write_grid, suite, tmp_path):
    text = (
        write_grid().read_text() + "external: {hospital_b: {type: phantom, patients: 3, size: 48, seed: 5}}\n"
    )
    suite("run", write_grid(text), "--out", "out", "--only", "glcm", check=0)
    predictions, cells = table(tmp_path / "out", "predictions"), table(tmp_path / "out", "cells")
    keys = cells[cells["protocol"] == "external: hospital_b"]["key"]
    tested = predictions[predictions["key"].isin(keys)]
    assert tested["sample_id"].str.startswith("hospital_b:").all()
    assert tested.groupby("key").size().tolist() == [18] * len(keys)
    folds = table(tmp_path / "out", "folds")
    trained = folds[(folds["protocol"] == "external: hospital_b") & (folds["part"] == "train")]
    assert trained.groupby("task")["sample_id"].nunique().tolist() == [36, 36]


def test_patches_inherit_label_and_fold(write_grid, suite, tmp_path):
    text = write_grid().read_text() + "preprocessing: [{patches: {size: 24}}]\n"
    suite("run", write_grid(text), "--out", "out", "--only", "*/*/default/glcm/knn", check=0)
    predictions, folds = table(tmp_path / "out", "predictions"), table(tmp_path / "out", "folds")
    assert predictions.groupby("key").size().tolist() == [36 * 4, 36 * 4]
    patches = folds[folds["preprocessing"] == "default"]
    image = patches["sample_id"].str.split("@").str[0]
    sides = patches.groupby(["task", "fold", image])["part"].nunique()
    assert (sides == 1).all()


@pytest.mark.parametrize("command", ["check", "data"])
def test_check_and_data_compute_nothing(write_grid, suite, tmp_path, command):
    done = suite(command, write_grid(), "--out", "out", check=0)
    assert "Extracting" not in done.stderr
    assert not (tmp_path / "out" / "results").exists()
    assert ("can run" if command == "check" else "covid") in done.stdout


def test_class_weights_are_given_by_the_names_of_classes(write_grid, suite, tmp_path):
    grid = write_grid()
    only = ["--only", "three_class/kfold/none/glcm/logistic_regression", "--out", "out"]
    weight = "--set", "classifiers.logistic_regression.class_weight={normal: 1, pneumonia: 1, covid: 1000}"
    suite("run", grid, *only, check=0)
    plain = (table(tmp_path / "out", "predictions")["y_pred"] == "covid").mean()
    suite("run", grid, *only, *weight, check=0)
    weighted = (table(tmp_path / "out", "predictions")["y_pred"] == "covid").mean()
    assert plain < 0.5
    assert weighted > 0.7
    wrong = "--set", "classifiers.logistic_regression.class_weight={covd: 2}"
    done = suite("run", grid, *only, *wrong, check=1)
    assert "class_weight names 'covd'. Did you mean 'covid'" in done.stderr
