"""Augmented copies: of training images for any classifier, and before the split if a grid asks for it."""

import json
import sys
from contextlib import suppress

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import yaml
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler

from feature_extractors.glcm import GLCM
from networks.augmentation_steps import parse_augmentation
from networks.copies import augmented_copies
from suite import cli
from suite.datasets.phantom import Phantom
from suite.grid_reader import read_grid
from suite.preprocessing import Copies

GRID = """\
name: copied
dataset: {type: phantom, patients: 6, images_per_patient: 2, size: 48}
protocols:
  clean: {type: kfold, folds: 3}
  leaky: {type: holdout, train_size: 0.7, group: null, augment: before_split, copies: 2, steps: cov19net}
extractors: {glcm: {levels: 8}}
classifiers:
  plain: {type: knn, n_neighbors: 3}
  augmented: {type: knn, n_neighbors: 3, augment: {copies: 2, steps: cov19net}}
ablations:
  of: {extractor: glcm, classifier: augmented}
  variants: {without: {classifiers.augmented.augment: null}}
metrics: [accuracy, roc_auc]
run: {jobs: 1}
"""


def table(run, name):
    return pq.read_table(run / "results" / f"{name}.parquet").to_pandas()


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("copies")
    (folder / "grid.yaml").write_text(GRID)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["suite", "run", str(folder / "grid.yaml"), "--out", str(folder / "run")])
        patch.delenv("SUITE_STORE", raising=False)
        with suppress(SystemExit):
            cli.main()
    assert set(table(folder / "run", "cells")["status"]) == {"done"}
    return folder / "run"


def predictions_of(run, protocol, classifier, variant=""):
    cells = table(run, "cells").query(
        "protocol == @protocol and classifier == @classifier and variant == @variant and role != 'baseline'"
    )
    found = table(run, "predictions")
    return found[found["key"] == cells["key"].iloc[0]]


def test_copies_of_training_images_are_fitted_to_and_no_other(done):
    """The same by hand: scikit-learn on features of the training images and of their copies."""
    films = Phantom(patients=6, images_per_patient=2, size=48).load(locate=None)
    images = {i: f.read() for i, f in zip(films.samples["sample_id"], films.images, strict=True)}
    labels = dict(zip(films.samples["sample_id"], films.samples["label"], strict=True))
    steps, folds = parse_augmentation("cov19net"), table(done, "folds").query("protocol == 'clean'")
    ours = predictions_of(done, "clean", "augmented")
    for fold, members in folds.groupby("fold"):
        train, test = (members.loc[members["part"] == part, "sample_id"] for part in ("train", "test"))
        fitted = [copy for i in train for copy in (images[i], *augmented_copies(images[i], steps, 2))]
        y = np.repeat([labels[i] for i in train], 3)
        glcm = GLCM(levels=8)
        scaler = StandardScaler()
        X = scaler.fit_transform(glcm.fit_transform(fitted))
        knn = KNeighborsClassifier(3).fit(X, y)
        expected = knn.predict_proba(scaler.transform(glcm.transform([images[i] for i in test])))
        found = ours[ours["fold"] == fold].set_index("sample_id").loc[test]
        classes = table(done, "classes").sort_values("position")["class"].unique().tolist()
        order = [list(knn.classes_).index(name) for name in classes]
        np.testing.assert_allclose(np.stack(found["proba"]), expected[:, order], atol=1e-9)


def test_each_image_is_tested_once_and_no_copy_is(done):
    found = predictions_of(done, "clean", "augmented")
    assert sorted(found["sample_id"]) == sorted(table(done, "samples")["sample_id"])


def test_a_variant_without_copies_is_the_plain_classifier(done):
    plain, without = (
        predictions_of(done, "clean", *names) for names in (("plain",), ("augmented", "without"))
    )
    assert plain["proba"].map(list).tolist() == without["proba"].map(list).tolist()
    augmented = predictions_of(done, "clean", "augmented")
    assert plain["proba"].map(list).tolist() != augmented["proba"].map(list).tolist()


def test_before_the_split_copies_are_samples_like_any(done):
    folds = table(done, "folds").query("protocol == 'leaky'").drop_duplicates(["sample_id", "part"])
    assert len(folds) == 3 * 36  # 6 patients of each of 3 classes, 2 images each, and 2 copies
    names = folds["sample_id"].str.replace(r"#copy\d$", "", regex=True)
    both = folds.assign(image=names).groupby("image")["part"].nunique() == 2
    assert both.sum() > 18
    finding = next(
        f for f in json.loads((done / "audit.json").read_text())["findings"]
        if f["code"] == "AUGMENTED_BEFORE_SPLIT"
    )  # fmt: skip
    assert finding["severity"] == "warning"
    assert f"{both.sum()} of 36 have copies" in finding["message"]
    assert sorted(finding["samples"]) == sorted(both.index[both])


def test_copies_are_not_made_a_second_time(done):
    plain, augmented = (predictions_of(done, "leaky", name) for name in ("plain", "augmented"))
    assert plain["proba"].map(list).tolist() == augmented["proba"].map(list).tolist()


def test_copies_have_the_group_of_their_image(done):
    found = predictions_of(done, "leaky", "plain")
    groups = dict(table(done, "samples")[["sample_id", "group"]].to_numpy())
    assert found["group"].tolist() == [groups[name.partition("#")[0]] for name in found["sample_id"]]


def test_every_table_says_that_it_is_leaky(done):
    said = "leaky: augmented before split"
    remarks = table(done, "cells").groupby("protocol")["protocol_remark"].unique()
    assert {name: list(found) for name, found in remarks.items()} == {"clean": [""], "leaky": [said]}
    tables = [p for p in (done / "report" / "tables").glob("*.csv") if "leaky" in p.name]
    assert len(tables) > 5
    assert all("leaky-leaky-augmented-before-split" in file.name for file in tables)
    long = [frame for frame in map(pd.read_csv, tables) if "protocol" in frame]
    assert len(long) >= 3
    assert all(set(frame["protocol"]) == {f"leaky ({said})"} for frame in long)
    for kind in ("md", "tex"):
        texts = [p.read_text() for p in (done / "report" / "tables").glob(f"*leaky*.{kind}")]
        assert texts
        assert all("augmented before split" in text for text in texts)
    folds = pd.read_csv(done / "report" / "tables" / "data_folds.csv")
    assert set(folds["protocol"]) == {"clean", f"leaky ({said})"}


def test_the_resolved_grid_has_all_defaults_and_is_a_grid(done):
    resolved = yaml.safe_load((done / "grid.resolved.yaml").read_text())
    assert resolved["classifiers"]["augmented"]["augment"] == {"copies": 2, "steps": "cov19net"}
    again = read_grid(done / "grid.resolved.yaml")
    assert again.classifiers["augmented"].copies == Copies(copies=2, steps="cov19net")
    assert again.protocols["leaky"].augmentation == Copies(copies=2, steps="cov19net")
    assert again.protocols["clean"].augmentation is None


def test_defaults_of_before_split(write_grid):
    text = GRID.replace(", copies: 2, steps: cov19net}\nextr", "}\nextr")
    grid = read_grid(write_grid(text))
    assert grid.protocols["leaky"].augmentation == Copies(copies=6, steps="vgg19_mobilenet")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("group: null, augment", "augment", "augment: before_split splits copies one by"),
        ("steps: cov19net}\nextr", "steps: cov19nett}\nextr", "Did you mean 'cov19net'?"),
        ("folds: 3}", "folds: 3, copies: 2}", "copies and steps are those of augment: before_split"),
        ("before_split,", "beforesplit,", "protocols.leaky.augment (line 5): should be 'before_split'"),
        ("{copies: 2, steps: cov19net}}", "cov19net}", "write, for example, {copies: 3, steps: cov19net}"),
        ("{copies: 2, steps: cov19net}}", "{copies: 2, step: x}}", "Did you mean 'steps'?"),
        ("{copies: 2, steps: cov19net}}", "{steps: cov19net}}", "augment.copies (line 9): this key"),
        ("{copies: 2, steps: cov19net}}", "{copies: 2, steps: []}}", "at least one step is expected"),
        ("  plain: {", "  dummy: {augment: {copies: 2}}\n  plain: {", "dummy looks at no features"),
    ],
)  # fmt: skip
def test_mistakes(write_grid, suite, old, new, message):
    assert old in GRID
    done = suite("check", write_grid(GRID.replace(old, new)), check=2)
    assert message.lower() in done.stderr.lower()


def test_an_image_classifier_takes_copies_instead_of_augmenting_while_it_trains(write_grid):
    text = GRID.replace("  plain:", "  net: {type: cov19net, augment: {copies: 2}}\n  plain:").replace(
        "glcm: {levels: 8}", "glcm: {levels: 8}, pixels: {}"
    )
    net = read_grid(write_grid(text)).classifiers["net"]
    assert net.copies == Copies(copies=2)
    assert "augment" not in net.parameters
