"""What networks look at, as the report shows it."""

import csv
import io
import re
import shutil

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from reports import build
from reports._errors import ReportError
from reports.heat_pictures import overlay
from reports.run_directory import read_run

WHERE = "covid/kfold5"
CELLS = [f"{WHERE}/{extractor}/svm/" for extractor in ("glcm", "lbp", "<img src=x onerror=alert(1)>&50%")]
SHARES = {
    "n_fits": [5, 5, 5], "n_explained": [5, 3, 0], "n_images": [40, 0, 0], "n_groups": [30, 0, 0],
    "n_without_heat": [2, 0, 0], "share": [0.6, None, None], "share_low": [0.55, None, None],
    "share_high": [0.65, None, None], "area": [0.4, None, None], "ratio": [1.5, None, None],
    "ratio_low": [1.375, None, None], "ratio_high": [1.625, None, None], "seconds_explain": [9.0, 4.0, 1.0],
    "reason": ["", "", "a layer <with> places is needed."], "boxes_problem": ["", "crop_center moves it", ""],
    "boxes_note": ["boxes.csv: 1 of 9 paths is unknown."] * 3,
}  # fmt: skip
BOXES = [[0.1, 0.2, 0.4, 0.9], [0.5, 0.2, 0.9, 0.9]]


def picture(value):
    sink = io.BytesIO()
    Image.fromarray(np.full((8, 8), value, np.uint8)).save(sink, "PNG")
    return sink.getvalue()


def gallery():
    shown = [
        ("a<1>", "covid", "covid", 0.75, "right", 0.625, BOXES),
        ("b", "covid", "covid", 0.875, "right", None, []),
        ("c", "covid", "other", 0.5, "wrong", None, []),
        ("d", "other", "other", 0.5, "right", None, []),
        ("e", "other", "other", 0.5, "", 0.3, BOXES),
    ]
    columns = ["sample_id", "y_true", "y_pred", "probability", "kind", "share_inside", "boxes"]
    rows = pd.DataFrame(shown, columns=columns)
    pictures = {"thumbnail": picture(80), "heat": picture(0)}
    return rows.assign(key=CELLS[0], repeat=0, fold=0, area_inside=0.4, **pictures)


def add_heat(run):
    pd.DataFrame(SHARES).assign(key=CELLS).to_parquet(run / "results" / "heat_shares.parquet")
    gallery().to_parquet(run / "results" / "heat.parquet")
    return run


@pytest.fixture(scope="module")
def looked(pristine, tmp_path_factory):
    """Return the folder of a report on networks that were looked into, to be read only."""
    run = shutil.copytree(pristine, tmp_path_factory.mktemp("heat") / "run")
    return build(add_heat(run)).parent


@pytest.fixture(scope="module")
def section(looked):
    page = (looked / "index.html").read_text(encoding="utf-8")
    return page[page.index('<section id="heat">') : page.index('<section id="published-values">')]


def test_shares_and_what_they_mean_stand_in_the_table(looked, section):
    text = (looked / "tables" / "heat_chest-covid-kfold5.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["cell"].lstrip("'") for row in rows][:2] == ["glcm + svm", "lbp + svm"]
    assert (float(rows[0]["share"]), float(rows[0]["ratio_low"]), rows[0]["n_images"]) == (0.6, 1.375, "40")
    assert rows[1]["share"] == ""
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", section))
    row = (
        "glcm + svm 40 of 30 patients 0.600 [0.550, 0.650] 0.400 1.500 [1.375, 1.625] inside more than chance"
    )
    assert row in words
    assert "lbp + svm not computed: crop_center moves it" in words
    assert "2 of 5 folds have no explanations, because their predictions were in the store" in words
    assert "run again with --fresh" in words
    assert "2 images with boxes had a map without any heat" in words
    assert "could not be explained: a layer &lt;with&gt; places is needed." in words
    assert words.count("1 of 9 paths is unknown") == 1


def test_the_gallery_shows_right_and_wrong_of_each_class_the_surest_first(section):
    assert re.findall(r"<h4>(.*?)</h4>", section) == [
        "other, predicted right", "covid, predicted right", "covid, predicted wrong",
    ]  # fmt: skip
    assert re.findall(r'alt="(Heat[^"]*)"', section) == [
        "Heat over image d: of class other, predicted other with probability 0.500.",
        "Heat over image b: of class covid, predicted covid with probability 0.875.",
        "Heat over image a&lt;1&gt;: of class covid, predicted covid with probability 0.750;"
        " 62% of heat in boxes.",
        "Heat over image c: of class covid, predicted other with probability 0.500.",
    ]
    assert section.count("data:image/jpeg;base64,") == 8
    assert '<rect x="0.1000" y="0.2000" width="0.3000" height="0.7000"/>' in section
    assert not re.search(r'(src|href)="(?!data:|figures/|tables/|#)', section)


def test_latex_and_figures_have_it_too(looked):
    text = (looked / "report.tex").read_text(encoding="utf-8")
    assert r"\section{What the networks look at, covid $\cdot$ kfold5}" in text
    assert r"\input{tables/heat_chest-covid-kfold5}" in text
    assert "figures/heat_chest-covid-kfold5_1" in text
    assert (looked / "figures" / "heat_chest-covid-kfold5_1.pdf").read_bytes().startswith(b"%PDF")
    assert "0.600" in (looked / "tables" / "heat_chest-covid-kfold5.md").read_text(encoding="utf-8")


def test_there_is_no_section_without_an_explained_cell(report):
    assert "What the networks look at" not in (report / "index.html").read_text(encoding="utf-8")
    assert not list((report / "tables").glob("heat_*"))


def test_heat_of_another_run_is_refused(run_dir):
    pd.DataFrame(SHARES).assign(key="elsewhere").to_parquet(run_dir / "results" / "heat_shares.parquet")
    with pytest.raises(ReportError, match=r"heat_shares\.parquet: holds cells that cells\.parquet does not"):
        read_run(run_dir)


def test_the_hotter_the_less_of_the_image_shows_through():
    image, heat = np.full((1, 3), 100, np.uint8), np.array([[0, 64, 255]], np.uint8)
    cold, warm, hot = overlay(image, heat)[0].astype(float)
    assert cold.tolist() == [100, 100, 100]
    assert hot == pytest.approx(0.35 * 100 + 0.65 * np.array([252, 255, 164]), abs=1)  # inferno's last colour
    share = 0.65 * np.sqrt(64 / 255)
    assert warm == pytest.approx((1 - share) * 100 + share * np.array([87, 16, 110]), abs=1.5)
