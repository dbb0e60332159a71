"""Fusions of scores: mixtures of cells, with weights that are given or learned in the training part alone."""

import json
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from PIL import Image

from suite.datasets.phantom import Phantom
from suite.evaluation import read_fit, write_fit
from suite.fusion import FusionUnit, learned_weights, run_fusion
from suite.store import Store

GLCM, FIRST = (
    "{extractor: glcm, classifier: knn}",
    "{extractor: first_order, classifier: logistic_regression}",
)
FUSIONS = f"""\
fusions:
  fixed: {{of: [{GLCM}, {FIRST}], weights: [3, 1]}}
  learned: {{of: [{GLCM}, {FIRST}], weights: learn}}
"""
FACTS = {"seconds_fit": 1.0, "seconds_predict": 0.5, "n_features": 4, "warnings": [], "training": {}}


def table(run_dir, name):
    return pq.read_table(run_dir / "results" / f"{name}.parquet").to_pandas()


@pytest.fixture
def grid(write_grid):
    """Write the small grid with one task and two fusions, one of either kind."""
    covid = "  covid: {classes: {other: [normal, pneumonia], covid: [covid]}, positive: covid}\n"
    return write_grid(write_grid().read_text().replace(covid, "") + FUSIONS)


@pytest.fixture
def mix(tmp_path):
    """Mix stored predictions of two rows; the training rows are 5, 6 and 7."""
    store = Store(tmp_path)

    def mixed(first, second, weights, inner=()):
        rows = np.array([3, 9])
        for key, proba in (("a", first), ("b", second)):
            write_fit(store, key, rows, np.argmax(proba, axis=1), np.array(proba), FACTS)
        train, y_train = np.array([5, 6, 7]), np.array([0, 1, 1])
        unit = FusionUnit("mixed", tmp_path, ("a", "b"), weights, inner, train, y_train)
        assert run_fusion(unit) is None
        return read_fit(store, "mixed")

    return mixed


def test_given_weights_mix_as_by_hand(mix):
    rows, y_pred, proba, facts = mix([[0.9, 0.1], [0.2, 0.8]], [[0.1, 0.9], [0.6, 0.4]], (0.75, 0.25))
    assert rows.tolist() == [3, 9]
    assert proba == pytest.approx(np.array([[0.7, 0.3], [0.3, 0.7]]), abs=1e-15)
    assert y_pred.tolist() == [0, 1]
    assert facts["best_params"] == {}
    assert (facts["n_features"], facts["seconds_predict"] // 1) == (8, 1)


def test_learned_weights_come_from_the_out_of_fold_rows(mix, tmp_path):
    """Of its own class the first member gives 1, 1, 0, the second 0, 0, 1: the loss is least at 2/3, 1/3."""
    right, wrong = [1.0, 0.0], [0.0, 1.0]  # rows in another order than the training rows, class 0, 1, 1
    for key, rows, proba in (
        ("a0", [7], [right]),
        ("a1", [6, 5], [wrong, right]),
        ("b0", [7], [wrong]),
        ("b1", [6, 5], [right, wrong]),
    ):
        write_fit(Store(tmp_path), key, np.array(rows), np.zeros(len(rows)), np.array(proba), FACTS)
    _, _, proba, facts = mix([right, right], [wrong, right], None, inner=(("a0", "a1"), ("b0", "b1")))
    assert facts["best_params"]["weights"] == pytest.approx([2 / 3, 1 / 3], abs=1e-4)
    assert proba == pytest.approx(np.array([[2 / 3, 1 / 3], [1, 0]]), abs=1e-4)
    assert 6 * 1.0 <= facts["seconds_fit"] - 4 * 0.5 < 7  # two members, four inner fits and their predictions


def test_learned_weights_are_those_of_a_search_over_all():
    random = np.random.default_rng(0)
    of_true = random.beta([[2], [1], [3]], [[1], [1], [2]], size=(3, 60))
    steps = 200
    points = [(a, b, steps - a - b) for a, b in product(range(steps + 1), repeat=2) if a + b <= steps]
    candidates = np.array(points) / steps
    losses = -np.log(np.maximum(candidates @ of_true, 1e-15)).mean(axis=1)
    found = learned_weights(of_true)
    assert found == pytest.approx(candidates[losses.argmin()], abs=1 / steps)
    assert found.sum() == pytest.approx(1, abs=1e-12)
    assert -np.log(found @ of_true).mean() <= losses.min() + 1e-8


def test_noise_gets_no_weight_and_equal_members_get_equal_ones():
    random = np.random.default_rng(1)
    informed, noise = random.uniform(0.7, 1, size=200), random.uniform(0, 1, size=200)
    assert learned_weights(np.stack([informed, noise])) == pytest.approx([1, 0], abs=1e-3)
    assert learned_weights(np.stack([noise, informed])) == pytest.approx([0, 1], abs=1e-3)
    assert learned_weights(np.stack([noise, noise])).tolist() == [0.5, 0.5]
    assert learned_weights(np.array([[0.0, 0.0], [0.0, 0.0]])).tolist() == [0.5, 0.5]


def weights_of(cells, name):
    (chosen,) = cells.loc[(cells["classifier"] == name) & (cells["variant"] == ""), "best_params"]
    return json.loads(chosen)


def test_fusions_are_ordinary_cells(grid, suite, tmp_path):
    """Predictions are the members' mixed, every table has them, and their parts are not computed twice."""
    done = suite("check", grid, "--out", "out", check=0)
    # 6 cells and 2 baselines, 2 fusions, and the 2 members of one in 3 inner folds, all in 3 folds
    assert f"{3 * (6 + 2 + 2) + 3 * 3 * 2} of 48 fits" in done.stdout
    suite("run", grid, "--out", "out", "--set", "report.formats=[csv, markdown]", check=0)
    run_dir = tmp_path / "out"
    cells = table(run_dir, "cells").set_index("classifier", drop=False)
    fused = cells[cells["extractor"] == "score fusion"]
    assert fused[["role", "status"]].to_numpy().tolist() == [["cell", "done"]] * 2
    assert fused["n_features"].tolist() == [24 + 18] * 2
    named = cells.set_index(["extractor", "classifier"])["key"]
    by_key = dict(list(table(run_dir, "predictions").groupby("key")))
    proba = {pair: np.stack(by_key[key]["proba"]) for pair, key in named.items()}
    glcm, first = proba["glcm", "knn"], proba["first_order", "logistic_regression"]
    assert proba["score fusion", "fixed"] == pytest.approx(0.75 * glcm + 0.25 * first, abs=1e-15)
    folds, mixed = by_key[named["score fusion", "learned"]]["fold"], proba["score fusion", "learned"]
    for fold, weights in enumerate(weights_of(cells, "learned")):
        assert list(weights) == ["glcm + knn", "first_order + logistic_regression"]
        w, rows = list(weights.values()), folds == fold
        assert sum(w) == pytest.approx(1)
        assert mixed[rows] == pytest.approx(w[0] * glcm[rows] + w[1] * first[rows], abs=1e-15)
    tables = run_dir / "report" / "tables"
    for name in ("accuracy", "all_metrics", "per_class", "chosen_parameters"):
        (path,) = tables.glob(f"{name}*three_class*.md") if name[0] != "c" else tables.glob(f"{name}.md")
        assert r"score fusion\: learned" in path.read_text(), name
    assert "glcm + knn 0." in (tables / "chosen_parameters.md").read_text()


def test_nothing_is_computed_twice_and_a_change_computes_what_hangs_on_it(grid, suite, tmp_path):
    only = ("--only", "score fusion", "--set", "metrics=[accuracy]", "--out", "out")
    out = tmp_path / "out"
    first = suite("run", grid, *only, check=0)
    # in each of 3 folds: 2 fusions, their 2 members, and these in 3 inner folds
    assert "30 of 30 fits" in first.stderr
    predictions = (out / "results" / "predictions.parquet").read_bytes()
    before = weights_of(table(out, "cells"), "learned")
    text = grid.read_text().replace("glcm", "grey").replace("grey: {", "grey: {type: glcm, ")
    grid.write_text(text.replace("learned:", "stacked:"))
    renamed = suite("run", grid, *only, check=0)
    assert "Fitting" not in renamed.stderr
    after = weights_of(table(out, "cells"), "stacked")
    assert [list(weights) for weights in after] == [["grey + knn", "first_order + logistic_regression"]] * 3
    assert [list(weights.values()) for weights in after] == [list(weights.values()) for weights in before]
    others = int(suite("check", grid, "--out", "out", check=0).stdout.split()[0])
    for change, fits in (
        ("fusions.fixed.weights=[1, 3]", 3),
        ("fusions.stacked.weights=[6, 2]", 0),  # the weights of the other
        ("classifiers.knn.n_neighbors=5", 3 + 9 + 6),  # with grey, in outer and inner folds; both fusions
    ):
        todo = suite("check", grid, "--set", change, "--out", "out", check=0).stdout
        assert todo.startswith(f"{others + fits} of"), change
    for path in sorted((out / "store" / "fits").rglob("*.parquet"))[::2]:
        path.write_bytes(path.read_bytes()[:-9])
    suite("run", grid, *only, check=0)
    assert (out / "results" / "predictions.parquet").read_bytes() == predictions


def test_a_failed_member_fails_the_fusion_and_is_named(grid, suite, tmp_path):
    broken = "classifiers.logistic_regression.class_weight={covd: 2}"
    done = suite("run", grid, "--set", broken, "--out", "out", check=1)
    cells = table(tmp_path / "out", "cells")
    reasons = cells.loc[cells["extractor"] == "score fusion", "reason"]
    start = "its member first_order + logistic_regression failed: logistic_regression: class_weight names"
    assert reasons.str.startswith(start).tolist() == [True, True]
    assert (cells["status"] == "done").sum() == 3 + 2  # knn on three extractors, two baselines
    assert "5 of 10 cells failed" in done.stderr
    suite("run", grid, "--only", "score fusion", "--out", "out", check=0)


OFFICIAL = """\
name: official
dataset: {type: manifest, path: m.csv, label: label, group: patient}
protocol: {type: official, group: patient}
extractors: {first_order: {}, glcm: {levels: 8}}
classifiers: {logistic_regression: {}}
baselines: []
fusions:
  both:
    of:
    - {extractor: glcm, classifier: logistic_regression}
    - {extractor: first_order, classifier: logistic_regression}
    weights: learn
metrics: [accuracy]
report: {formats: [csv]}
run: {jobs: 1}
audit: {ignore: all}
"""


@pytest.fixture
def manifest(tmp_path):
    """Write 32 synthetic films of 16 patients as files; of each class two patients are the test part."""
    dataset = Phantom(patients=8, images_per_patient=2, size=48, difficulty=0.9).load(Path)
    rows = []
    for number, (image, sample) in enumerate(zip(dataset.images, dataset.samples.itertuples(), strict=True)):
        Image.fromarray(image.read()).save(tmp_path / f"{number}.png")
        rows.append((f"{number}.png", sample.label, sample.group))
    films = pd.DataFrame(rows, columns=["path", "label", "patient"]).query("label != 'pneumonia'")
    place = films.groupby("label")["patient"].transform(lambda patients: pd.factorize(patients)[0])
    return films.assign(split=place.ge(6).map({True: "test", False: "train"})).reset_index(drop=True)


def test_nothing_of_the_test_part_moves_the_weights(manifest, write_grid, suite, tmp_path):
    found, test = [], manifest["split"] == "test"
    swapped = manifest["label"].map({"normal": "covid", "covid": "normal"})
    altered = manifest.assign(label=manifest["label"].where(~test, swapped)).drop(
        index=manifest.index[test][::3]
    )
    moved = manifest.assign(label=manifest["label"].where(manifest.index > 1, swapped))  # of one patient
    for number, rows in enumerate((manifest, altered, moved)):
        rows.to_csv(tmp_path / "m.csv", index=False)
        suite("run", write_grid(OFFICIAL), "--only", "score fusion", "--out", f"out{number}", check=0)
        found += weights_of(table(tmp_path / f"out{number}", "cells"), "both")
    assert found[0] == found[1]
    assert found[0] != found[2]
    assert 0.02 < found[0]["glcm + logistic_regression"] < 0.98  # nor are they moved by being at an end


def test_extractors_that_learn_are_fitted_in_the_inner_folds(grid, suite, tmp_path):
    """Check counts their tables: one of each outer training part and one of each inner one."""
    (tmp_path / "learns.py").write_text(
        '"""Learns nothing much."""\n\nfrom feature_extractors.first_order import FirstOrder\n\n'
        '__all__ = ["Learns"]\n\n\nclass Learns(FirstOrder):\n    """It."""\n\n    STATELESS = False\n\n'
        '    def transform(self, X):\n        """Do."""\n        return super().transform(X)\n'
    )
    text = grid.read_text().replace("extractor: glcm", "extractor: learns") + "plugins: [learns.py]\n"
    grid.write_text(text.replace("extractors: {", "extractors: {learns: {}, "))
    done = suite("check", grid, check=0)
    others = 4  # first_order, glcm, image_size; and the fusion of features, which has none of its own
    assert f"of {36 * (others - 1 + 3 + 3 * 3)} extractions" in done.stdout


def test_the_full_system_of_an_ablation_may_be_a_fusion(grid, suite, tmp_path):
    of = "ablations:\n  of: {extractor: score fusion, classifier: learned}\n  variants:\n"
    of += "    equal: {fusions.learned.weights: [1, 1]}\n    flat: {extractors.glcm.levels: 4}\n"
    grid.write_text(grid.read_text() + of)
    suite("run", grid, "--only", "score fusion", "--out", "out", check=0)
    cells = table(tmp_path / "out", "cells").set_index(["variant", "classifier"])
    assert cells.loc[("full system", "learned"), "key"] == cells.loc[("", "learned"), "key"]
    assert cells["key"].nunique() == 4  # fixed, learned, and two variants
    assert json.loads(cells.loc[("equal", "learned"), "best_params"]) == [{}, {}, {}]
    predictions = table(tmp_path / "out", "predictions")
    assert set(predictions["key"]) == set(cells["key"])


def test_where_weights_cannot_be_learned_the_run_is_refused(manifest, write_grid, suite, tmp_path):
    one = manifest["label"].eq("covid") & manifest["split"].eq("train")
    manifest.assign(patient=manifest["patient"].where(~one, "one")).to_csv(tmp_path / "m.csv", index=False)
    done = suite("check", write_grid(OFFICIAL), check=2)
    assert "fusions.both, dataset official, task all_classes, protocol official" in done.stderr
    assert "has 1 of covid, 6 of normal. Give the weights, or exclude the fusion here." in done.stderr
    rule = "exclude: [{protocol: official, extractor: score fusion, classifier: both}]\n"
    assert "can run" in suite("check", write_grid(OFFICIAL + rule), check=0).stdout


def test_a_fusion_is_left_out_where_a_member_is(grid, suite):
    text = grid.read_text().replace("tasks:\n", "tasks:\n  two: {classes: [normal, covid]}\n")
    grid.write_text(text + "exclude: [{task: two, extractor: glcm, classifier: knn}]\n")
    assert "\n17 cells" in f"\n{suite('check', grid, check=0).stderr}".replace("done in 0 s", "")


def test_a_network_may_be_a_member(write_grid, suite, tmp_path):
    """The fusion itself is not explained; what it is mixed from is."""
    text = SMALL_WITH_NETWORK
    suite("run", write_grid(text), check=0)
    cells = pq.read_table(tmp_path / "runs" / "network" / "results" / "cells.parquet").to_pandas()
    assert set(cells["status"]) == {"done"}
    fused = cells[cells["extractor"] == "score fusion"].iloc[0]
    explained = pq.read_table(tmp_path / "runs" / "network" / "results" / "heat_shares.parquet").to_pandas()
    assert fused["key"] not in set(explained["key"])
    assert set(explained["key"]) == set(cells.loc[cells["classifier"] == "cov19net", "key"])


SMALL_WITH_NETWORK = """\
name: network
dataset: {type: phantom, patients: 6, images_per_patient: 2, size: 48}
protocol: {type: kfold, folds: 2}
extractors: {first_order: {}, pixels: {}}
classifiers: {knn: {n_neighbors: 3}, cov19net: {epochs: 1}}
exclude: [{extractor: pixels, classifier: knn}]
fusions:
  mixed: {of: [{extractor: first_order, classifier: knn}, {extractor: pixels, classifier: cov19net}]}
metrics: [accuracy]
report: {formats: [csv]}
run: {jobs: 1}
"""
