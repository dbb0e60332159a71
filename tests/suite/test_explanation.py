"""What networks look at: boxes as they are read, and runs from end to end."""

import csv
import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from suite.datasets._boxes import Box
from suite.datasets.manifest import Manifest
from suite.datasets.phantom import Phantom
from suite.errors import DataError
from suite.heat_maps import thumbnail
from suite.preprocessing import parse_steps

HEADER = "path,lung,x,y,width,height\n"


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    """Return a folder with 36 synthetic films of 48×48 pixels and their manifest."""
    folder = tmp_path_factory.mktemp("films")
    dataset = Phantom(patients=6, images_per_patient=2, size=48).load(locate=None)
    rows = ["path,label,patient_id"]
    for image, sample in zip(dataset.images, dataset.samples.itertuples(), strict=True):
        pixels = image.read().astype(float)
        scaled = (pixels - pixels.min()) / np.ptp(pixels) * 255
        Image.fromarray(scaled.astype(np.uint8)).save(folder / f"{sample.sample_id}.png")
        rows.append(f"{sample.sample_id}.png,{sample.label},{sample.group}")
    (folder / "manifest.csv").write_text("\n".join(rows))
    return folder


def load(folder, boxes, **options):
    (folder / "boxes.csv").write_text(boxes)
    return Manifest(path="manifest.csv", boxes="boxes.csv", **options).load(lambda path: folder / path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("path,x,y,width\na.png,1,2,3\n", r"boxes.csv: there is no column 'height' \(height\)"),
        (
            HEADER + "a.png,left,1,two,3,4\n",
            "row 2: x, y, width and height must be numbers; got x '1', y 'two'",
        ),
        (HEADER + "a.png,left,1,2,,4\n", "row 2: x, y, width and height must be numbers"),
        (HEADER + "a.png,left,1,2,0,4\n", "row 2: the box is empty: 0 wide and 4 high"),
        (HEADER + ",left,1,2,3,4\n", "row 2: the path is missing"),
    ],
)
def test_mistakes_in_boxes_are_told(films, text, message):
    with pytest.raises(DataError, match=message):
        load(films, text)


def test_boxes_go_to_their_images_and_strangers_are_counted(films):
    name = "phantom-covid-p000-1.png"
    text = HEADER + f"./{name},right,1,2,3,4\n{name},left,5.5,6,7,8\nelsewhere.png,left,1,2,3,4\n"
    dataset = load(films, text, where={"label": "covid"})
    found = {image.path: boxes for image, boxes in zip(dataset.images, dataset.boxes, strict=True) if boxes}
    assert found == {name: (Box(1, 2, 3, 4), Box(5.5, 6, 7, 8))}
    assert dataset.boxes_note == "boxes.csv: 1 of 2 paths are not in the manifest and were ignored."
    assert [bool(boxes) for boxes in dataset.take([1, 0]).boxes] == [True, False]


GRID = """\
name: films
dataset: {type: manifest, path: manifest.csv, BOXES sample: {per_class: 12}}
tasks: {covid: {classes: {other: [normal, pneumonia], covid: [covid]}, positive: covid}}
protocol: {type: kfold, folds: 2}
preprocessing: [STEP]
extractors: {pixels: {}}
classifiers: {cov19net: {epochs: 2}}
baselines: []
metrics: [accuracy]
report: {formats: [csv]}
run: {jobs: 1}
"""
RESIZE = "{resize: {size: 40}}"


def grid(folder, boxes=True, step=RESIZE):
    text = GRID.replace("BOXES", "boxes: boxes.csv," if boxes else "").replace("STEP", step)
    (folder / "grid.yaml").write_text(text)
    return folder / "grid.yaml"


def write_boxes(folder):
    """Give the covid films the upper half of the picture, and beyond its upper edge."""
    names = sorted(path.name for path in folder.glob("*covid*.png"))
    (folder / "boxes.csv").write_text(HEADER + "".join(f"{name},both,0,-8,48,32\n" for name in names))
    return names


def test_data_counts_boxes_and_says_what_was_ignored(suite, films):
    names = write_boxes(films)
    with (films / "boxes.csv").open("a") as boxes:
        boxes.write(f"{names[0]},left,1,2,3,4\nelsewhere.png,left,1,2,3,4\n")
    shown = suite("data", grid(films), check=0).stdout
    lines = shown[shown.index("Boxes") :].splitlines()
    assert any(line.split()[:2] == ["12", "13"] for line in lines)
    assert "1 of 13 paths are not in the manifest and were ignored." in shown


def test_a_run_with_boxes_from_end_to_end(suite, films, tmp_path):
    names = write_boxes(films)
    suite("run", grid(films, boxes=False), "--out", "run", check=0)
    heat = pd.read_parquet("run/results/heat.parquet")
    shares = pd.read_parquet("run/results/heat_shares.parquet").iloc[0]
    assert (shares["n_images"], shares["boxes_problem"]) == (0, "the dataset has no boxes")
    assert set(heat["kind"]) <= {"right", "wrong"}
    fits = {
        path: path.stat().st_mtime_ns for path in (tmp_path / "run" / "store" / "fits").rglob("*.parquet")
    }

    done = suite("run", grid(films), "--out", "run", check=0)  # boxes are added: nothing is trained anew
    after = {
        path: path.stat().st_mtime_ns for path in (tmp_path / "run" / "store" / "fits").rglob("*.parquet")
    }
    assert after == fits, done.stderr
    shares = pd.read_parquet("run/results/heat_shares.parquet").iloc[0]
    assert (shares["n_fits"], shares["n_explained"], shares["n_images"]) == (2, 0, 0)

    suite("run", grid(films), "--out", "run", "--fresh", check=0)
    heat = pd.read_parquet("run/results/heat.parquet")
    boxed = heat[heat["area_inside"].notna()]
    assert sorted(boxed["sample_id"]) == names
    assert boxed["area_inside"].tolist() == [0.5] * len(names)  # of 32 rows 8 lie beyond the edge: 24 of 48
    assert boxed["share_inside"].dropna().between(0, 1).all()
    shares = pd.read_parquet("run/results/heat_shares.parquet").iloc[0]
    hot = boxed["share_inside"].dropna()
    assert shares["n_images"] + shares["n_without_heat"] == len(names)
    assert shares["share"] == pytest.approx(hot.mean())
    assert shares["ratio"] == pytest.approx(hot.mean() / 0.5)
    assert shares["n_explained"] == 2
    predictions = pd.read_parquet("run/results/predictions.parquet").set_index("sample_id")
    shown = heat[heat["kind"] != ""]
    assert ((shown["y_true"] == shown["y_pred"]) == (shown["kind"] == "right")).all()
    expected = predictions.loc[shown["sample_id"], "proba"].map(max).tolist()
    assert shown["probability"].tolist() == pytest.approx(expected)
    (table,) = (tmp_path / "run" / "report" / "tables").glob("heat_*.csv")
    (row,) = csv.DictReader(table.read_text(encoding="utf-8-sig").splitlines())
    assert float(row["share"]) == pytest.approx(hot.mean())


def test_no_share_is_computed_where_preprocessing_cuts(suite, films):
    write_boxes(films)
    suite("run", grid(films, step="{crop_center: {size: 40}}"), "--out", "run", check=0)
    shares = pd.read_parquet("run/results/heat_shares.parquet").iloc[0]
    assert shares["n_images"] == 0
    assert shares["boxes_problem"] == "crop_center moves what the boxes are around"
    assert shares["n_explained"] == 2


LOOKER = '''\
"""A classifier that says that it looks at what is bright."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.naive_bayes import GaussianNB

__all__ = ["Looker"]


class Looker(ClassifierMixin, BaseEstimator):
    """Fails on demand."""

    def __init__(self, fails=False):
        self.fails = fails

    def fit(self, X, y):
        self.model_ = GaussianNB().fit(X, y)
        self.classes_ = self.model_.classes_
        return self

    def predict_proba(self, X):
        return self.model_.predict_proba(X)

    def explain(self, X, classes):
        assert set(classes) <= set(self.classes_)
        if self.fails:
            raise ValueError("nothing to see")
        return np.array([np.asarray(image) / np.sum(image) for image in X], dtype=np.float32)
'''
FEATURES = ("extractors: {pixels: {}}", "extractors: {first_order: {}}"), ("{cov19net: {epochs: 2}}", "OWN")


def run_looker(suite, folder, own, step=RESIZE):
    """Run a grid whose classifier is given features, so that the images to explain are read."""
    (folder / "looker.py").write_text(LOOKER)
    path = grid(folder, step=step)
    text = path.read_text() + "plugins: [looker.py]\n"
    for old, new in FEATURES:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text.replace("OWN", own))
    suite("run", path, "--out", "run", check=0)
    heat, shares = (pd.read_parquet(f"run/results/{name}.parquet") for name in ("heat", "heat_shares"))
    return heat, shares.iloc[0]


def test_shares_are_those_of_the_images_as_the_classifier_gets_them(suite, films):
    names = write_boxes(films)
    heat, shares = run_looker(suite, films, "{looker: {}}")
    boxed = heat[heat["area_inside"].notna()].set_index("sample_id")
    resize = parse_steps([{"resize": {"size": 40}}])[0]
    for name in names:
        ((_, image),) = resize.apply(np.asarray(Image.open(films / name)))
        assert boxed.loc[name, "share_inside"] == pytest.approx(image[:20].sum() / image.sum(), rel=1e-5)
    assert shares["share"] == pytest.approx(boxed["share_inside"].mean())


def test_of_patches_the_very_patch_is_explained(suite, films):
    write_boxes(films)
    heat, shares = run_looker(suite, films, "{looker: {}}", step="{patches: {size: 24}}")
    assert shares["boxes_problem"] == "patches moves what the boxes are around"
    assert heat["sample_id"].str.contains("@y24-x0").any()
    for row in heat.itertuples():
        name, place = row.sample_id.split("@y")
        y, x = map(int, place.split("-x"))
        patch = np.asarray(Image.open(films / name))[y : y + 24, x : x + 24]
        assert Image.open(io.BytesIO(row.thumbnail)).tobytes() == thumbnail(patch).tobytes()


def test_what_cannot_be_explained_fails_no_cell_and_says_why(suite, films):
    write_boxes(films)
    heat, shares = run_looker(suite, films, "{looker: {fails: true}}")
    assert heat.empty
    assert (shares["n_explained"], shares["n_fits"], shares["reason"]) == (0, 2, "nothing to see")
    cells = pd.read_parquet("run/results/cells.parquet")
    assert cells["status"].tolist() == ["done"]
