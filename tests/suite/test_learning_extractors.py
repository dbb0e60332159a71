"""Extractors that learn are fitted inside each fold, to its training images alone."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from suite.datasets.phantom import Phantom

LEARNS = '''\
"""Distance to the mean image of each class."""

import numpy as np

from feature_extractors._base import FeatureExtractor

__all__ = ["MeanImages"]


class MeanImages(FeatureExtractor):
    """Distance to the mean image of each class, as seen in training."""

    STATELESS = False

    def __init__(self, power=1.0):
        self.power = power

    def fit(self, X, y):
        """Learn the mean images."""
        self.means_ = [np.mean([x for x, c in zip(X, y) if c == k], axis=0) for k in np.unique(y)]
        return super().fit(X)

    def _names(self, image):
        return [f"mean_images_{k}" for k in range(len(self.means_))]

    def _extract(self, image):
        return [np.abs(image - mean).mean() ** self.power for mean in self.means_]
'''
ONLY = ("--only", "three_class/kfold/none/*", "--out", "out")


def table(run_dir, name):
    return pq.read_table(run_dir / "results" / f"{name}.parquet").to_pandas()


@pytest.fixture
def grid(write_grid, tmp_path):
    (tmp_path / "mean_images.py").write_text(LEARNS)
    extractors = "extractors: {first_order: {}, mean_images: {}, both: {fuse: [first_order, mean_images]}}"
    text = (
        write_grid()
        .read_text()
        .replace(
            "extractors: {first_order: {}, glcm: {levels: 8}, both: {fuse: [first_order, glcm]}}", extractors
        )
    )
    assert "mean_images" in text
    return write_grid(text + "plugins: [mean_images.py]\n")


def assert_as_by_hand(run_dir, copied):
    """By numpy and scikit-learn; ``copied`` gives further training images."""
    data = Phantom(patients=6, images_per_patient=2, size=48).load(Path)
    images = np.array([image.read() for image in data.images], dtype=float)
    y = data.samples["label"].map({"normal": 0, "pneumonia": 1, "covid": 2}).to_numpy()
    row = {name: k for k, name in enumerate(data.samples["sample_id"])}
    cells, predictions, folds = (table(run_dir, name) for name in ("cells", "predictions", "folds"))
    (key,) = cells.loc[(cells["extractor"] == "mean_images") & (cells["classifier"] == "knn"), "key"]
    ours = predictions[predictions["key"] == key]
    for number, fold in folds[folds["task"] == "three_class"].groupby("fold"):
        train, test = (fold.loc[fold["part"] == part, "sample_id"].map(row) for part in ("train", "test"))
        learned, labels = copied(images[train], y[train])
        means = [learned[labels == k].mean(axis=0) for k in range(3)]
        model = make_pipeline(StandardScaler(), KNeighborsClassifier(3)).fit(
            distances(learned, means), labels
        )
        saved = ours[ours["fold"] == number].set_index("sample_id")["proba"]
        given = saved.loc[data.samples["sample_id"].iloc[test]].to_list()
        expected = model.predict_proba(distances(images[test], means))
        assert np.array(given) == pytest.approx(expected, abs=1e-12)


def distances(images, means):
    return np.array([[np.abs(image - mean).mean() for mean in means] for image in images])


def test_features_of_each_fold_are_those_of_its_training_images(grid, suite, tmp_path):
    suite("run", grid, *ONLY, check=0)
    assert_as_by_hand(tmp_path / "out", lambda images, y: (images, y))


def test_copies_of_training_images_are_learned_from_and_no_other(grid, suite, tmp_path):
    flip = "{copies: 1, steps: [{horizontal_flip: {probability: 1}}]}"
    grid.write_text(grid.read_text().replace("n_neighbors: 3}", f"n_neighbors: 3, augment: {flip}}}"))
    suite("run", grid, *ONLY, check=0)
    assert_as_by_hand(
        tmp_path / "out", lambda images, y: (np.concatenate([images, images[:, :, ::-1]]), np.tile(y, 2))
    )


def test_they_fuse_resume_and_do_not_depend_on_the_number_of_processes(grid, suite, tmp_path):
    suite("run", grid, *ONLY, check=0)
    cells = table(tmp_path / "out", "cells").set_index(["extractor", "classifier"])
    assert cells.loc[("both", "knn"), "n_features"] == 18 + 3
    first = (tmp_path / "out" / "results" / "predictions.parquet").read_bytes()
    again = suite("run", grid, *ONLY, check=0)
    assert "Extracting" not in again.stderr
    suite("run", grid, *ONLY[:2], "--out", "two", "--jobs", 2, check=0)
    assert (tmp_path / "two" / "results" / "predictions.parquet").read_bytes() == first


def test_one_that_fails_fails_its_cells_alone(grid, suite, tmp_path):
    done = suite("run", grid, *ONLY, "--set", "extractors.mean_images.power=nonsense", check=1)
    failed = table(tmp_path / "out", "cells").query("status == 'failed'")
    assert set(failed["extractor"]) == {"mean_images", "both"}
    assert failed["reason"].str.startswith("mean_images: ufunc 'power' not supported").all()
    assert "4 of 8 cells failed" in done.stderr
