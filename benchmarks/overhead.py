"""What the suite costs beside a loop written by hand, and what a second process gains.

Both do the same fits on the same stored features and the same folds: the loop reads the feature table
and the folds once and calls ``fit`` and ``predict_proba``; the suite also plans, audits, stores every
prediction, and writes result tables and the report. One thread per fit in both, as the suite always does.

    uv run python benchmarks/overhead.py [--patients 150] [--repeats 3]

Prints seconds and ratios measured in one run; nothing is kept.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
os.environ.pop("SUITE_STORE", None)

import numpy as np
import pyarrow.parquet as pq
import yaml
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from xgboost import XGBClassifier

from suite.environment import describe_environment
from suite.executors import Workers
from suite.extraction import read_shard
from suite.grid_reader import read_grid
from suite.preparation import get_ready
from suite.store import Store

ROOT = Path(__file__).parents[1]
CLASSIFIERS = {
    "svm": {},
    "random_forest": {"n_estimators": 300},
    "xgboost": {"n_estimators": 100},
    "mlp": {"hidden": [64, 32]},
    "logistic_regression": {},
}


def write_grid(folder: Path, patients: int) -> Path:
    grid = {
        "name": "overhead",
        "dataset": {"type": "phantom", "patients": patients, "size": 96},
        "tasks": {"three_class": {"classes": ["normal", "pneumonia", "covid"]}},
        "protocol": {"type": "kfold", "folds": 10},
        "extractors": {"texture": {"fuse": ["glcm", "glszm", "glrlm", "dwt"]}}
        | {name: {} for name in ("glcm", "glszm", "glrlm", "dwt")},
        "classifiers": CLASSIFIERS,
        "baselines": [],
    }
    path = folder / "grid.yaml"
    path.write_text(yaml.safe_dump(grid, sort_keys=False))
    return path


def run_suite(grid: Path, out: Path, *options: str) -> float:
    """Return the seconds of a run, the interpreter's start and imports included."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "suite", "run", str(grid), "--out", str(out), *options]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return time.perf_counter() - start


def seconds_of_imports() -> float:
    code = "import suite.cli, suite.run, reports; from suite.registry import Registry as R\n"
    code += "[R().load('classifiers', n) for n in R().names('classifiers')]\n"
    code += "[R().load('extractors', n) for n in ('glcm', 'glszm', 'glrlm', 'dwt')]"
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    return time.perf_counter() - start


def stored_features(run_dir: Path) -> list[np.ndarray]:
    """Put together the feature tables of a finished run from its store: the loop's input."""

    class Silent:
        def start(self, stage: str, total: int) -> None: ...

        def advance(self, stage: str, steps: int = 1, detail: str = "") -> None: ...

    store = Store(run_dir / "store")
    with Workers(1) as workers:
        ready = get_ready(read_grid(run_dir / "grid.yaml"), store, workers, Silent())
    tables = {cell.names["extractor"]: cell.tables for cell in ready.plan.cells}
    return [
        np.hstack([np.concatenate([read_shard(store, key)[0] for key in table.keys]) for table in parts])
        for parts in tables.values()
    ]


def models_by_hand(y: np.ndarray, groups: np.ndarray) -> dict[str, object]:
    """Return what a careful user of scikit-learn would write for the same models."""
    inner = StratifiedGroupKFold(3, shuffle=True, random_state=0)
    splits = list(inner.split(np.zeros(len(y)), y, groups))
    scaled_machine = make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), SVC())
    boosted = XGBClassifier(n_estimators=100, max_bin=32, tree_method="hist", n_jobs=1, random_state=0)
    network = MLPClassifier((64, 32), batch_size=32, max_iter=100, n_iter_no_change=100, random_state=0)
    forest = RandomForestClassifier(n_estimators=300, random_state=0)
    linear = LogisticRegression(max_iter=10_000)
    return {
        "svm": CalibratedClassifierCV(scaled_machine, cv=splits, ensemble=False),
        "random_forest": make_pipeline(SimpleImputer(strategy="median"), forest),
        "xgboost": make_pipeline(SimpleImputer(strategy="median"), boosted),
        "mlp": make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), network),
        "logistic_regression": make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), linear),
    }


def loop_by_hand(run_dir: Path) -> float:
    """Return the seconds of the plain loop over folds and models."""
    samples = pq.read_table(run_dir / "results" / "samples.parquet").to_pandas()
    folds = pq.read_table(run_dir / "results" / "folds.parquet").to_pandas()
    tables = stored_features(run_dir)
    y = samples["label"].map({"normal": 0, "pneumonia": 1, "covid": 2}).to_numpy()
    groups = samples["group"].factorize()[0]
    row = {name: k for k, name in enumerate(samples["sample_id"])}
    start = time.perf_counter()
    for _, fold in folds.groupby("fold"):
        rows = {part: np.array([row[i] for i in ids]) for part, ids in fold.groupby("part")["sample_id"]}
        train, test = rows["train"], rows["test"]
        for X in tables:
            for model in models_by_hand(y[train], groups[train]).values():
                model.fit(X[train], y[train])
                model.predict_proba(X[test])
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patients", type=int, default=150, help="per class; two images each")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)  # the network is to stop after its epochs
    environment = describe_environment()
    print(f"{environment['processor']}, {environment['cores']} cores, Python {environment['python']}")
    with tempfile.TemporaryDirectory() as folder:
        grid = write_grid(Path(folder), options.patients)
        out = Path(folder) / "out"
        run_suite(grid, out)  # extracts the features; the fits are measured below
        rows = [measure(grid, out) for _ in range(options.repeats)]
        report(*np.median(rows, axis=0))


def measure(grid: Path, out: Path) -> list[float]:
    """Return seconds of the loop, of one and of two jobs, and of one job that finds its fits done."""
    start = seconds_of_imports()
    both = ("fits", "metrics")
    return [
        loop_by_hand(out),
        run_again(grid, out, both, jobs=1) - start,
        run_again(grid, out, both, jobs=2) - start,
        run_again(grid, out, ("metrics",), jobs=1) - start,
    ]


def run_again(grid: Path, out: Path, forgotten: tuple[str, ...], jobs: int) -> float:
    """Return the seconds of a run that has its features, but not what is forgotten, nor its report."""
    for path in [path for kind in forgotten for path in (out / "store" / kind).rglob("*.*")]:
        path.unlink()
    (out / "complete.json").unlink(missing_ok=True)
    return run_suite(grid, out, "--jobs", str(jobs))


def report(loop: float, one: float, two: float, tables: float) -> None:
    print(f"loop by hand            {loop:6.1f} s   fits and predictions alone")
    print(f"suite, 1 job            {one:6.1f} s   {one / loop:.3f} × the loop (imports not counted)")
    print(
        f"  planning, statistics and report {tables:.1f} s; the rest {(one - tables) / loop:.3f} × the loop"
    )
    print(f"suite, 2 jobs           {two:6.1f} s   {one / two:.2f} × as fast as one job")


if __name__ == "__main__":
    main()
