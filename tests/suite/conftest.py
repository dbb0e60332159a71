"""Small grids that really run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

SMALL = """\
name: small
dataset: {type: phantom, patients: 6, images_per_patient: 2, size: 48}
tasks:
  three_class: {classes: [normal, pneumonia, covid]}
  covid: {classes: {other: [normal, pneumonia], covid: [covid]}, positive: covid}
protocol: {type: kfold, folds: 3}
extractors: {first_order: {}, glcm: {levels: 8}, both: {fuse: [first_order, glcm]}}
classifiers: {logistic_regression: {}, knn: {n_neighbors: 3}}
metrics: [accuracy, roc_auc, f1]
run: {jobs: 1}
"""


@pytest.fixture
def write_grid(tmp_path):
    """Write a grid beside nothing else and return its path."""

    def write(text=SMALL, name="grid.yaml"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


@pytest.fixture
def suite(tmp_path):
    """Run the command line in a process of its own; returns status, output and error output."""

    def run(*arguments, check=None, **environment):
        done = subprocess.run(
            [sys.executable, "-m", "suite", *map(str, arguments)],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200", **environment},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        if check is not None:
            assert done.returncode == check, done.stderr
        return done

    return run
