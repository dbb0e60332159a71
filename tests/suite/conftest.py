"""Small grids that really run."""

import sys
from dataclasses import dataclass

import pytest

from suite import cli

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
report: {formats: [csv]}
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


@dataclass(frozen=True)
class Done:
    """Status, output and error output of a command."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def suite(tmp_path, monkeypatch, capfd):
    """Run the command line in this process, in the folder of the test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("SUITE_STORE", raising=False)
    monkeypatch.delenv("SUITE_DATA", raising=False)

    def run(*arguments, check=None, **environment):
        capfd.readouterr()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["suite", *map(str, arguments)])
            for name, value in environment.items():
                patch.setenv(name, value)
            status = 0
            try:
                cli.main()
            except SystemExit as leaving:
                status = leaving.code or 0
        done = Done(status, *capfd.readouterr())
        if check is not None:
            assert done.returncode == check, done.stderr
        return done

    return run
