"""Networks trained inside a run: their pairs, what is kept of them, and that a killed run goes on."""

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
import torch
import yaml
from threadpoolctl import threadpool_limits

from networks.catalogue import build, seeded
from networks.checkpoints import DIGEST

ROOT = Path(__file__).parents[2]
GRID = {
    "name": "trained",
    "dataset": {"type": "phantom", "patients": 4, "images_per_patient": 1, "size": 32},
    "tasks": {
        "covid": {"classes": {"other": ["normal", "pneumonia"], "covid": ["covid"]}, "positive": "covid"}
    },
    "protocol": {"type": "kfold", "folds": 2},
    "extractors": {"pixels": {}, "first_order": {}},
    "classifiers": {
        "cov19net": {"epochs": 2},
        "tuned": {
            "type": "fine_tuned_cnn",
            "model": "squeezenet1_1",
            "weights": "mine.pth",
            "size": 32,
            "epochs": 2,
        },
        "logistic_regression": {},
    },
    "baselines": [],
    "metrics": ["accuracy", "roc_auc"],
    "report": {"formats": ["csv"]},
    "run": {"jobs": 1},
}
OF_IMAGES = {"cov19net", "tuned"}


@pytest.fixture(autouse=True)
def one_thread():
    with threadpool_limits(1):
        yield


@pytest.fixture
def grid(write_grid, tmp_path):
    """Write the grid above with some of its keys changed, weights beside it; return its path."""
    with seeded(5):
        torch.save(build("squeezenet1_1").state_dict(), tmp_path / "mine.pth")

    def write(**changes):
        return write_grid(yaml.safe_dump(GRID | changes, sort_keys=False))

    return write


def table(run_dir, name):
    return pq.read_table(run_dir / "results" / f"{name}.parquet").to_pandas()


def prediction_bytes(run_dir):
    return (run_dir / "results" / "predictions.parquet").read_bytes()


def test_images_go_to_networks_and_features_to_the_rest(grid, suite, tmp_path):
    """One run, looked at from all sides; then a second, which computes nothing."""
    path = grid()
    suite("run", path, "--out", "out", check=0)
    cells = table(tmp_path / "out", "cells")
    assert set(zip(cells["extractor"], cells["classifier"], strict=True)) == {
        ("pixels", "cov19net"), ("pixels", "tuned"),
        ("pixels", "logistic_regression"), ("first_order", "logistic_regression"),
    }  # fmt: skip
    assert set(cells["status"]) == {"done"}
    check_histories(table(tmp_path / "out", "histories"), cells)
    check_layers(table(tmp_path / "out", "layers"), cells.set_index("classifier"))
    predictions = table(tmp_path / "out", "predictions")
    assert (predictions.groupby("key")["sample_id"].nunique() == 12).all()
    assert predictions["proba"].map(sum).between(1 - 1e-6, 1 + 1e-6).all()
    assert not list((tmp_path / "out").rglob("*.state"))
    again = suite("run", path, "--out", "out", check=0)
    assert "Fitting" not in again.stderr
    assert "Extracting" not in again.stderr


def check_histories(histories, cells):
    named = histories.merge(cells[["key", "classifier"]], on="key")
    assert set(named["classifier"]) == OF_IMAGES
    for _, fit in named.groupby(["classifier", "fold"]):
        assert sorted(fit[fit["measure"] == "train_loss"]["epoch"]) == [1, 2]
        assert set(fit["measure"]) == {"train_loss", "train_accuracy", "seconds", "learning_rate"}
    assert (named[named["measure"] == "learning_rate"]["value"] == 0.001).all()


def check_layers(layers, cells):
    """COV-19Net as in the paper; the tuned one whole, though its backbone was computed before."""
    of = {name: layers[layers["key"] == cells.loc[name, "key"]] for name in OF_IMAGES}
    assert of["cov19net"]["parameters"].tolist() == [896, 0, 9248, 0, 9248, 0, 589952, 129]
    assert of["cov19net"]["output_shape"].iloc[0] == "62×62×32"
    assert cells.loc["cov19net", "n_parameters"] == 609_473
    assert of["tuned"]["parameters"].iloc[-1] == of["tuned"]["trainable"].sum() == 513
    assert cells.loc["tuned", "n_parameters"] == of["tuned"]["parameters"].sum() == 722_496 + 513
    assert cells.loc["tuned", "n_parameters_trainable"] == 513
    assert set(layers["key"]) == set(cells.loc[list(OF_IMAGES), "key"])


def test_predictions_are_those_of_the_classifier_alone(grid, suite, tmp_path):
    """The cell of COV-19Net redone: fold by fold, with images, groups and seed as the run gives them."""
    from classifiers.cov19net import COV19Net
    from suite.datasets.phantom import Phantom

    suite("run", grid(), "--only", "*/kfold/none/pixels/cov19net", "--out", "out", check=0)
    data = Phantom(patients=4, images_per_patient=1, size=32).load(None)
    images = [image.read() for image in data.images]
    row = {name: number for number, name in enumerate(data.samples["sample_id"])}
    codes = (data.samples["label"] == "covid").astype(int).to_numpy()
    folds, predictions = table(tmp_path / "out", "folds"), table(tmp_path / "out", "predictions")
    seeds = fit_seeds(tmp_path / "out", grid())
    for fold, part in folds.groupby("fold"):
        rows = {side: [row[name] for name in names] for side, names in part.groupby("part")["sample_id"]}
        model = COV19Net(epochs=2, random_state=seeds[fold])
        model.fit([images[i] for i in rows["train"]], codes[rows["train"]])
        ours = predictions[predictions["fold"] == fold].set_index("sample_id")["proba"]
        names = data.samples["sample_id"].iloc[rows["test"]]
        expected = model.predict_proba([images[i] for i in rows["test"]])
        assert pd.DataFrame(ours.loc[names].tolist()).to_numpy() == pytest.approx(expected, abs=1e-6)


def fit_seeds(run_dir, path):
    """The seed of each fold, from the plan of the grid."""
    from suite.executors import Workers
    from suite.grid_reader import read_grid
    from suite.preparation import get_ready
    from suite.store import Store

    class Silent:
        def start(self, stage, total):
            pass

        def advance(self, stage, steps=1, detail=""):
            pass

    with Workers(1) as workers:
        plan = get_ready(read_grid(path), Store(run_dir / "store"), workers, Silent()).plan
    cell = next(cell for cell in plan.cells if cell.classifier.type == "cov19net")
    return {fit.fold.fold: cell.fit_seed(fit.fold) for fit in cell.fits}


def test_a_device_that_is_not_there_fails_its_cells_alone(grid, suite, tmp_path):
    missing = f"cuda:{torch.cuda.device_count()}"
    done = suite("run", grid(run={"jobs": 1, "device": missing}), "--out", "out")
    cells = table(tmp_path / "out", "cells").set_index(["extractor", "classifier"])
    assert done.returncode != 0
    networks = cells[cells.index.get_level_values("classifier").isin(OF_IMAGES)]
    assert set(networks["status"]) == {"failed"}
    assert networks["reason"].str.contains(f"the device {missing} is asked for, and torch finds").all()
    others = cells.drop(networks.index)
    assert set(others["status"]) == {"done"}
    assert len(others) == 2


def test_names_decide_nothing_and_what_is_changed_is_computed_anew(grid, suite, tmp_path):
    classifiers = GRID["classifiers"]
    suite("run", grid(), "--out", "out", check=0)
    renamed = {"another name": {"type": "cov19net", "epochs": 2}, "and this": classifiers["tuned"]}
    done = suite("run", grid(classifiers=renamed), "--out", "out", check=0)
    assert "Fitting" not in done.stderr
    assert set(table(tmp_path / "out", "cells")["classifier"]) == set(renamed)
    moved = tmp_path / "weights" / "elsewhere.pth"
    moved.parent.mkdir()
    (tmp_path / "mine.pth").rename(moved)
    elsewhere = {"tuned": classifiers["tuned"] | {"weights": "weights/elsewhere.pth"}}
    done = suite("run", grid(classifiers=elsewhere), "--out", "out", check=0)
    assert "Fitting" not in done.stderr
    more = {"cov19net": {"epochs": 3}, **elsewhere}
    done = suite("run", grid(classifiers=more), "--out", "out", check=0)
    assert "2 of 2 fits" in done.stderr


def test_random_weights_are_said_in_every_table(grid, suite, tmp_path):
    tuned = GRID["classifiers"]["tuned"] | {"weights": "random", "epochs": 1}
    classifiers = {"tuned": tuned, "cov19net": {"epochs": 1}}
    suite("run", grid(classifiers=classifiers, extractors={"pixels": {}}), "--out", "out", check=0)
    cells = table(tmp_path / "out", "cells").set_index("classifier")
    assert cells.loc["tuned", "n_parameters"] == cells.loc["tuned", "n_parameters_trainable"] > 513
    tables = {p.name: p.read_text() for p in (tmp_path / "out" / "report").rglob("*.csv")}
    naming = {name for name, text in tables.items() if "tuned" in text}
    assert naming
    assert {name for name in naming if "tuned (random weights)" not in tables[name]} == set()
    assert not any("cov19net (random weights)" in text for text in tables.values())


def test_a_variant_with_random_weights_says_so(grid, suite, tmp_path):
    ablations = {
        "of": {"extractor": "pixels", "classifier": "tuned"},
        "variants": {"untrained": {"classifiers.tuned.weights": "random", "classifiers.tuned.epochs": 1}},
    }
    tuned = {"tuned": GRID["classifiers"]["tuned"]}
    path = grid(classifiers=tuned, extractors={"pixels": {}}, ablations=ablations)
    suite("run", path, "--out", "out", "--set", "report.formats=[markdown]", check=0)
    (text,) = (p.read_text() for p in (tmp_path / "out" / "report" / "tables").glob("ablation_*.md"))
    assert r"| untrained \(random weights\) |" in text
    assert "| full system |" in text


LONG = {"cov19net": {"epochs": 100}}


def test_a_killed_run_goes_on_within_a_training(grid, suite, tmp_path):
    """Killed at the first checkpoint: its epochs are kept, not computed again, and all bytes are the same."""
    path = grid(classifiers=LONG, extractors={"pixels": {}})
    process = subprocess.Popen(
        [sys.executable, "-m", "suite", "run", str(path), "--out", "cut"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    kept = wait_for_a_checkpoint(tmp_path / "cut" / "store" / "checkpoints", process)
    done = [row["dur"] for row in torch.load(io.BytesIO(kept[DIGEST:]), weights_only=True)["history"]]
    assert done
    suite("run", path, "--out", "cut", check=0)
    histories = table(tmp_path / "cut", "histories")
    seconds = (
        histories[histories["measure"] == "seconds"].sort_values("epoch").groupby("fold")["value"].apply(list)
    )
    assert [len(values) for values in seconds] == [100, 100]
    assert done in [values[: len(done)] for values in seconds]
    suite("run", path, "--out", "whole", check=0)
    assert prediction_bytes(tmp_path / "cut") == prediction_bytes(tmp_path / "whole")
    assert not list((tmp_path / "cut").rglob("*.state"))


def wait_for_a_checkpoint(folder, process):
    """Kill the process as soon as there is a checkpoint, and return what it holds."""
    deadline = time.monotonic() + 120
    while not (found := list(folder.glob("*.state"))):
        assert process.poll() is None, "finished before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    return found[0].read_bytes()


def test_another_process_gives_the_same_bytes(grid, suite, tmp_path):
    """There torch is imported within the first fit: it has one thread all the same."""
    path = grid(classifiers={"cov19net": {"epochs": 3}}, extractors={"pixels": {}})
    suite("run", path, "--out", "here", check=0)
    done = subprocess.run(
        [sys.executable, "-m", "suite", "run", str(path), "--out", "there"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "2"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert prediction_bytes(tmp_path / "there") == prediction_bytes(tmp_path / "here")
