"""Boxes, shares, galleries and their tables, by hand."""

from types import SimpleNamespace as Fake

import numpy as np
import pandas as pd
import pytest

from suite.datasets._boxes import Box
from suite.heat_maps import gallery, heat_picture, inside, thumbnail
from suite.heat_tables import ExplainedFit, heat_table, share_table
from suite.preprocessing import parse_steps


@pytest.mark.parametrize(
    ("box", "clipped"),
    [
        ((10, 5, 20, 10), (0.25, 0.25, 0.75, 0.75)),
        ((-10, -5, 20, 10), (0, 0, 0.25, 0.25)),
        ((30, 10, 100, 100), (0.75, 0.5, 1, 1)),
        ((40, 0, 5, 5), None),
        ((0, -5, 5, 5), None),
    ],
)
def test_boxes_are_parts_of_the_image_and_clipped_to_it(box, clipped):
    assert Box(*box).within(40, 20) == clipped


def test_the_inside_is_the_union_of_boxes():
    boxes = [(0, 0, 0.5, 1), (0.25, 0, 0.75, 0.5)]
    assert inside(boxes, 2, 4).astype(int).tolist() == [[1, 1, 1, 0], [1, 1, 0, 0]]


def test_a_gallery_holds_two_of_each_kind_and_true_class_the_surest_first():
    y_true = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    y_pred = np.array([0, 0, 0, 1, 0, 0, 0, 0])
    probability = np.array([0.6, 0.9, 0.7, 0.5, 0.8, 0.6, 0.95, 0.7])
    assert gallery(y_true, y_pred, probability) == {
        **{1: "right", 2: "right", 3: "wrong"},
        **{6: "wrong", 4: "wrong"},
    }


def test_pictures_are_scaled_to_their_own_range():
    assert np.unique(thumbnail(np.full((9, 5), 7))).tolist() == [0]
    masked = np.ma.MaskedArray(np.array([[10.0, 20.0], [5000, 30]]), [[0, 0], [1, 0]])
    corners = thumbnail(masked)[[0, 0, -1, -1], [0, -1, 0, -1]]
    assert corners.tolist() == [0, 128, 0, 255]
    assert heat_picture(np.array([[0, 0.5], [0.25, 0.25]]))[[0, 0, -1], [0, -1, 0]].tolist() == [0, 255, 128]
    assert not heat_picture(np.zeros((3, 3))).any()


@pytest.mark.parametrize(
    ("steps", "first"),
    [
        ([{"resize": {"size": 32}}, "clahe"], None),
        (["clahe", {"crop_center": {"fraction": 0.9}}, {"patches": {"size": 8}}], "crop_center"),
        ([{"patches": {"size": 8}}], "patches"),
        ([{"resize": {"size": 32, "keep_aspect": True}}], "resize"),
    ],
)
def test_steps_that_move_places_are_known(steps, first):
    assert parse_steps(steps)[0].moves_places == first


def explained(fold, shares, areas, groups):
    """Return a fit that explained images a, b, c …, none of them for the gallery."""
    names = [f"{'abcdefgh'[i]}{fold}" for i in range(len(shares))]
    frame = pd.DataFrame({"sample_id": names, "group": groups, "share_inside": shares, "area_inside": areas})
    rest = {"y_true": "ill", "y_pred": "ill", "probability": 0.5, "kind": "", "thumbnail": None, "heat": None}
    return ExplainedFit(0, fold, frame.assign(**rest, boxes=None), seconds=2.0, reason="")


@pytest.fixture
def cell():
    """Return what of a cell a table of shares needs."""
    dataset = Fake(boxes=((),), boxes_note="")
    view = Fake(prepared=Fake(dataset=dataset), preprocessing=parse_steps([])[0])
    return Fake(key="k", fits=(1, 2, 3), setting=Fake(view=view))


def test_shares_are_means_over_images_and_the_ratio_is_of_means(cell):
    first = explained(0, [0.9, 0.3, None], [0.5, 0.5, 0.5], ["p", "q", "q"])
    second = explained(1, [0.6, None], [0.2, None], ["r", "s"])
    row = share_table([(cell, [first, second])]).to_pylist()[0]
    assert row["share"] == pytest.approx(0.6)
    assert row["area"] == pytest.approx(0.4)
    assert row["ratio"] == pytest.approx(1.5)
    counted = [row[name] for name in ("n_images", "n_groups", "n_without_heat", "n_fits", "n_explained")]
    assert counted == [3, 3, 1, 3, 2]
    assert (row["share_low"], row["share_high"]) == pytest.approx(
        (0.3, 0.9)
    )  # all three draws of one patient
    assert (row["ratio_low"], row["ratio_high"]) == pytest.approx((0.6, 3.0))
    assert row["seconds_explain"] == 4.0


def test_three_of_a_kind_keep_their_pictures_and_an_image_is_shown_once():
    fit = explained(0, [None] * 5, [None, None, 0.5, None, None], list("ppqrs"))
    pictures = {"kind": "right", "thumbnail": bytes(16), "heat": bytes(4)}
    rows = fit.rows.assign(**pictures, probability=[0.9, 0.8, 0.6, 0.7, 0.95], sample_id=list("abcda"))
    table = heat_table("k", [ExplainedFit(0, 0, rows, 1.0, "")]).to_pandas()
    assert sorted(table.loc[table["kind"] == "right", "sample_id"]) == ["a", "b", "d"]
    assert table.loc[table["sample_id"] == "c", "thumbnail"].tolist() == [None]  # it has boxes, no picture
    assert table["thumbnail"].dropna().str[1:4].eq(b"PNG").all()
    assert table.loc[table["sample_id"] == "a", "probability"].tolist() == [0.95]
