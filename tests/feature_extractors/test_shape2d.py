"""Shape in a plane: by hand, by all pairs of vertices, and beside pyradiomics."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from feature_extractors.shape2d import Shape2D

PLANES = arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=8)).filter(np.any)
SIZES = st.floats(0.25, 4)
DIAGONAL = np.eye(2, dtype=bool)


def features_of(inside, spacing=None):
    extractor = Shape2D(spacing=spacing)
    row = extractor.fit_transform([np.ma.MaskedArray(np.zeros(inside.shape), ~inside)])[0]
    names = [name.removeprefix("shape2d_") for name in extractor.get_feature_names_out()]
    return dict(zip(names, row.tolist(), strict=True))


def box(height, width):
    return np.pad(np.ones((height, width), dtype=bool), 1)


def largest_distance_of_vertices(inside, spacing):
    """Try all pairs of the middles between a pixel inside and one outside."""
    inside = np.pad(inside, 1)
    down, right = np.argwhere(inside[1:] != inside[:-1]), np.argwhere(inside[:, 1:] != inside[:, :-1])
    points = np.concatenate([down + np.array([0.5, 0]), right + np.array([0, 0.5])]) * spacing
    return np.linalg.norm(points[:, np.newaxis] - points, axis=2).max()


def test_a_single_pixel_is_a_rhombus():
    side = np.hypot(1, 1.5)
    assert features_of(box(1, 1), (2, 3)) == pytest.approx(
        {
            "elongation": 1,
            "major_axis_length": 0,
            "maximum_diameter": 3,
            "mesh_surface": 2 * 3 / 2,
            "minor_axis_length": 0,
            "perimeter": 4 * side,
            "perimeter_surface_ratio": 4 * side / 3,
            "pixel_surface": 6,
            "sphericity": 2 * np.sqrt(np.pi * 3) / (4 * side),
        }
    )


def test_a_square_has_its_corners_cut_off():
    features = features_of(box(3, 3), (2, 1))
    assert features["mesh_surface"] == pytest.approx((9 - 4 / 8) * 2)
    assert features["pixel_surface"] == 18
    assert features["perimeter"] == pytest.approx(2 * 2 * 2 + 2 * 2 * 1 + 4 * np.hypot(1, 0.5))
    assert features["maximum_diameter"] == pytest.approx(np.hypot(3 * 2, 2))
    assert features["major_axis_length"] == pytest.approx(4 * 2 * np.sqrt(2 / 3))
    assert features["elongation"] == pytest.approx(0.5)


def test_a_straight_line_has_one_axis():
    features = features_of(box(1, 5), (1, 2))
    assert features["major_axis_length"] == pytest.approx(4 * 2 * np.sqrt(2))
    assert features["minor_axis_length"] == features["elongation"] == 0


@pytest.mark.parametrize("inside", [DIAGONAL, DIAGONAL[::-1], np.array([[1, 0, 1]], dtype=bool)])
def test_pixels_that_share_a_corner_are_as_apart_as_any(inside):
    one, both = features_of(box(1, 1), (2, 3)), features_of(inside, (2, 3))
    for name in ("perimeter", "mesh_surface", "pixel_surface"):
        assert both[name] == pytest.approx(2 * one[name])


def test_a_hole_is_taken_off_and_its_outline_counts():
    whole, one = features_of(box(3, 3)), features_of(box(1, 1))
    ring = box(3, 3)
    ring[2, 2] = False
    with_hole = features_of(ring)
    assert with_hole["perimeter"] == pytest.approx(whole["perimeter"] + one["perimeter"])
    assert with_hole["mesh_surface"] == pytest.approx(whole["mesh_surface"] - one["mesh_surface"])
    assert with_hole["maximum_diameter"] == whole["maximum_diameter"]


@settings(max_examples=40, deadline=None)
@given(PLANES, st.tuples(SIZES, SIZES))
def test_flips_turns_and_borders_change_nothing(inside, spacing):
    expected = pytest.approx(features_of(inside, spacing))
    assert features_of(inside[::-1], spacing) == expected
    assert features_of(inside.T, spacing[::-1]) == expected
    assert features_of(np.pad(inside, ((2, 0), (1, 3))), spacing) == expected


@settings(max_examples=40, deadline=None)
@given(PLANES, st.tuples(SIZES, SIZES))
def test_the_diameter_is_that_of_all_vertices(inside, spacing):
    expected = largest_distance_of_vertices(inside, spacing)
    assert features_of(inside, spacing)["maximum_diameter"] == pytest.approx(expected, rel=1e-12)


@settings(max_examples=60, deadline=None)
@given(PLANES, st.tuples(SIZES, SIZES))
@example(DIAGONAL, (1.0, 2.0))
@example(DIAGONAL[::-1], (1.0, 2.0))
def test_outlines_are_those_of_pyradiomics(inside, spacing):
    kernel = pytest.importorskip("radiomics", reason="pyradiomics builds on Python 3.11 only").cShape
    expected = kernel.calculate_coefficients2D(np.pad(inside, 1), np.array(spacing))
    ours = features_of(inside, spacing)
    found = ours["perimeter"], ours["mesh_surface"], ours["maximum_diameter"]
    assert found == pytest.approx(expected, rel=1e-11)


def test_a_volume_is_refused():
    with pytest.raises(ValueError, match=r"image 0 has shape .* Shape2D takes 2-D arrays"):
        Shape2D().fit([np.ones((3, 3, 3))])


@pytest.mark.parametrize("spacing", [(1, 1, 1), (1, 0), (1, np.nan), "ab"])
def test_bad_spacings_are_named(spacing):
    with pytest.raises(ValueError, match="'spacing' parameter"):
        Shape2D(spacing=spacing).fit([np.ones((3, 3))])
