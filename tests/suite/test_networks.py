"""Runs with frozen networks: weights from files, wherever they lie, and what happens without them."""

import pyarrow.parquet as pq
import pytest
import torch

from networks.catalogue import build, seeded

GRID = """\
name: deep
dataset: {type: phantom, patients: 4, images_per_patient: 1, size: 48}
protocol: {type: kfold, folds: 2}
extractors:
  random: {type: cnn, model: squeezenet1_1, weights: random, size: 32}
  file: {type: cnn, model: squeezenet1_1, weights: mine.pth, size: 32}
classifiers: {knn: {n_neighbors: 1}}
baselines: []
metrics: [accuracy]
report: {formats: [csv]}
run: {jobs: 1}
"""


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    """No weights of this machine are found."""
    monkeypatch.delenv("SUITE_WEIGHTS", raising=False)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))


def save_weights(path):
    path.parent.mkdir(exist_ok=True)
    with seeded(0):
        torch.save(build("squeezenet1_1").state_dict(), path)


def cells(tmp_path):
    table = pq.read_table(tmp_path / "runs/deep/results/cells.parquet").to_pandas()
    return table[table["extractor"].isin(["random", "file"])].set_index("extractor")


def test_a_missing_file_fails_its_cells_alone_and_is_named(write_grid, suite, tmp_path):
    done = suite("run", write_grid(GRID), check=1)
    table = cells(tmp_path)
    assert table["status"].to_dict() == {"random": "done", "file": "failed"}
    reason = table.loc["file", "reason"]
    assert "squeezenet1_1: there is no file of weights mine.pth; looked beside the grid" in reason
    assert f"torch's cache ({tmp_path / 'torch/hub/checkpoints'})" in reason
    assert "mine.pth" in done.stderr


def test_a_failure_is_mended_by_the_file_beside_the_grid(write_grid, suite, tmp_path):
    suite("run", write_grid(GRID), check=1)
    save_weights(tmp_path / "mine.pth")
    done = suite("run", write_grid(GRID), check=0)
    assert set(cells(tmp_path)["status"]) == {"done"}
    assert "Fitting and predicting: 2 of 2 fits" in done.stderr  # of this extractor, in two folds


def test_where_the_file_lies_decides_nothing(write_grid, suite, tmp_path):
    """Beside the grid, then in ``$SUITE_WEIGHTS``: the second and third run compute nothing."""
    save_weights(tmp_path / "mine.pth")
    suite("run", write_grid(GRID), check=0)
    results = (tmp_path / "runs/deep/results/predictions.parquet").read_bytes()
    again = suite("run", write_grid(GRID), check=0)
    own = tmp_path / "own"
    own.mkdir()
    (tmp_path / "mine.pth").rename(own / "mine.pth")
    moved = suite("run", write_grid(GRID), check=0, SUITE_WEIGHTS=str(own))
    for done in (again, moved):
        assert "Extracting" not in done.stderr
        assert "Fitting" not in done.stderr
    assert (tmp_path / "runs/deep/results/predictions.parquet").read_bytes() == results


def test_random_weights_and_the_same_weights_from_a_file_agree(write_grid, suite, tmp_path):
    save_weights(tmp_path / "mine.pth")
    suite("run", write_grid(GRID), check=0)
    predictions = pq.read_table(tmp_path / "runs/deep/results/predictions.parquet").to_pandas()
    by_cell = dict(list(predictions.groupby("key")))
    keys = cells(tmp_path)["key"]
    one, other = (by_cell[keys[name]].reset_index(drop=True) for name in ("random", "file"))
    assert keys["random"] != keys["file"]
    assert one["y_pred"].tolist() == other["y_pred"].tolist()


def test_a_wrong_network_is_told_before_anything_runs(write_grid, suite):
    done = suite(
        "run", write_grid(GRID.replace("model: squeezenet1_1, weights: mine", "model: vgg20, weights: mine"))
    )
    assert done.returncode == 2
    assert "extractors.file" in done.stderr
    assert "there is no network 'vgg20'. Did you mean 'vgg" in done.stderr
