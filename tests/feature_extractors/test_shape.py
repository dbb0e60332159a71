"""Shape of volumes: by hand, by plain loops, and beside pyradiomics' own kernel."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from feature_extractors._radiomics.mesh_table import cell_triangles
from feature_extractors.radiomics import Radiomics
from feature_extractors.shape import Shape
from feature_extractors.shape2d import Shape2D

REGIONS = arrays(bool, array_shapes(min_dims=3, max_dims=3, max_side=6)).filter(np.any)
SIZES = st.floats(0.25, 4)


def features_of(extractor, inside, image=None):
    image = np.zeros(inside.shape) if image is None else image
    row = extractor.fit_transform([np.ma.MaskedArray(image, ~inside)])[0]
    names = [name.removeprefix("shape_") for name in extractor.get_feature_names_out()]
    return dict(zip(names, row.tolist(), strict=True))


def library():
    """Return the kernel of pyradiomics."""
    return pytest.importorskip("radiomics", reason="pyradiomics builds on Python 3.11 only").cShape


def box(*sides, border=1):
    return np.pad(np.ones(sides, dtype=bool), border)


def largest(points):
    return max(float(np.linalg.norm(a - b)) for a in points for b in points)


def vertices(inside, spacing):
    """Return the middles between neighbours inside and outside: in half voxels, and in mm."""
    inside = np.pad(inside, 1)
    found = []
    for place in np.ndindex(inside.shape):
        for axis in range(inside.ndim):
            other = tuple(p + (k == axis) for k, p in enumerate(place))
            if other[axis] < inside.shape[axis] and inside[place] != inside[other]:
                found.append(2 * np.array(place) + (np.arange(inside.ndim) == axis))
    return np.array(found), np.array(found) * np.array(spacing) / 2


def test_a_single_voxel_is_an_octahedron():
    features = features_of(Shape(spacing=(2, 3, 4)), box(1, 1, 1))
    assert features["mesh_volume"] == pytest.approx(4 / 3 * 1 * 1.5 * 2)
    assert features["voxel_volume"] == 24
    assert features["maximum_3d_diameter"] == features["maximum_2d_diameter_slice"] == 4
    assert features["maximum_2d_diameter_column"] == 4
    assert features["maximum_2d_diameter_row"] == 3
    assert features["elongation"] == features["flatness"] == 1
    assert features["major_axis_length"] == 0
    area = features_of(Shape(), box(1, 1, 1))["surface_area"]
    assert area == pytest.approx(8 * np.sqrt(3) / 4 * 0.5)  # triangles of side sqrt(0.5)


def test_a_box_has_its_edges_and_corners_cut_off():
    features = features_of(Shape(), box(2, 3, 4))
    edges, corners = 4 * (1 + 2 + 3), 8
    assert features["mesh_volume"] == pytest.approx(24 - edges / 8 - corners * (1 / 8 - 1 / 48))
    faces = 2 * (1 * 2 + 1 * 3 + 2 * 3)
    assert features["surface_area"] == pytest.approx(faces + edges * np.sqrt(0.5) + corners * np.sqrt(3) / 8)
    assert features["maximum_3d_diameter"] == pytest.approx(np.sqrt(1 + 2**2 + 4**2))
    assert features["major_axis_length"] == pytest.approx(4 * np.sqrt((4**2 - 1) / 12))
    assert features["least_axis_length"] == pytest.approx(4 * np.sqrt((2**2 - 1) / 12))


def test_parts_add_up_and_holes_are_taken_off():
    apart = np.zeros((9, 9, 9), dtype=bool)
    apart[1:3, 1:3, 1:3] = apart[5:8, 5:8, 5:8] = True
    small, large = features_of(Shape(), box(2, 2, 2)), features_of(Shape(), box(3, 3, 3))
    both = features_of(Shape(), apart)
    for name in ("mesh_volume", "surface_area", "voxel_volume"):
        assert both[name] == pytest.approx(small[name] + large[name])
    hollow = box(3, 3, 3)
    hollow[2, 2, 2] = False
    one, with_hole = features_of(Shape(), box(1, 1, 1)), features_of(Shape(), hollow)
    assert with_hole["surface_area"] == pytest.approx(large["surface_area"] + one["surface_area"])
    assert with_hole["mesh_volume"] == pytest.approx(large["mesh_volume"] - one["mesh_volume"])


@settings(max_examples=60, deadline=None)
@given(REGIONS, st.tuples(SIZES, SIZES, SIZES))
def test_diameters_are_those_of_all_vertices(inside, spacing):
    halves, points = vertices(inside, spacing)
    features = features_of(Shape(spacing=spacing), inside)
    assert features["maximum_3d_diameter"] == pytest.approx(largest(points), rel=1e-12)
    for axis, name in enumerate(("slice", "column", "row")):
        planes = [points[halves[:, axis] == place] for place in np.unique(halves[:, axis])]
        expected = max(map(largest, planes))
        assert features[f"maximum_2d_diameter_{name}"] == pytest.approx(expected, rel=1e-12)


@settings(max_examples=40, deadline=None)
@given(REGIONS, st.tuples(SIZES, SIZES, SIZES))
def test_axes_are_those_of_the_covariance(inside, spacing):
    places = np.argwhere(inside) * spacing
    values = np.linalg.eigvalsh(np.atleast_2d(np.cov(places.T, ddof=0)))
    features = features_of(Shape(spacing=spacing), inside)
    found = [features[f"{name}_axis_length"] ** 2 / 16 for name in ("least", "minor", "major")]
    assert found == pytest.approx(values, rel=1e-9, abs=1e-12 * (1 + values[-1]))


@pytest.mark.parametrize("size", [1e-12, 1e-6, 1e6, 1e12])
def test_no_spacing_is_too_flat(size):
    """The furthest vertices are in the middle of edges between slices, or between columns."""
    features = features_of(Shape(spacing=(size, 1, 1), standard="ibsi"), box(2, 3, 4))
    expected = np.sqrt(max((2 * size) ** 2 + 2**2 + 3**2, size**2 + 2**2 + 4**2))
    assert features["maximum_3d_diameter"] == pytest.approx(expected, rel=1e-12)
    unit = features_of(Shape(standard="ibsi"), box(2, 3, 4))
    for name in ("volume_density_aligned_box", "volume_density_convex_hull"):
        assert features[name] == pytest.approx(unit[name], rel=1e-12)


@settings(max_examples=40, deadline=None)
@given(REGIONS, st.tuples(SIZES, SIZES, SIZES))
def test_the_border_of_the_image_is_as_good_as_a_border_of_the_region(inside, spacing):
    wide = np.pad(inside, ((2, 0), (1, 3), (0, 1)))
    close, far = features_of(Shape(spacing=spacing), inside), features_of(Shape(spacing=spacing), wide)
    assert far == pytest.approx(close, rel=1e-9)


def test_triangles_lie_between_voxels_inside_and_outside():
    corners = np.array(list(np.ndindex(2, 2, 2)))
    for configuration in range(256):
        inside = {tuple(c) for k, c in enumerate(corners.tolist()) if configuration >> k & 1}
        cut = {
            tuple((a + b) / 2)
            for a in corners
            for b in corners
            if np.abs(a - b).sum() == 1 and (tuple(a) in inside) != (tuple(b) in inside)
        }
        used = {tuple(vertex) for triangle in cell_triangles(configuration) for vertex in triangle}
        assert used == cut


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (0.7, 1.9, 3.1)])
def test_each_configuration_is_that_of_pyradiomics(spacing):
    kernel = library()
    for configuration in range(1, 255):
        inside = np.array([configuration >> k & 1 for k in range(8)], dtype=bool).reshape(2, 2, 2)
        a, b, c = (cell_triangles(configuration) * spacing).transpose(1, 0, 2)
        area = np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2
        volume = (a * np.cross(b, c)).sum() / 6
        theirs = kernel.calculate_coefficients(inside, np.array(spacing))[:2]
        assert (area, volume) == pytest.approx(theirs, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(REGIONS, st.tuples(SIZES, SIZES, SIZES))
def test_volumes_are_those_of_pyradiomics(inside, spacing):
    kernel = library()
    limits = [(p.min(), p.max() + 1) for p in np.nonzero(inside)]
    cropped = np.pad(inside[tuple(slice(*limit) for limit in limits)], 1)
    area, volume, diameters = kernel.calculate_coefficients(cropped, np.array(spacing))
    ours = features_of(Shape(spacing=spacing), inside)
    names = ("slice", "column", "row")
    found = [ours[f"maximum_2d_diameter_{name}"] for name in names] + [ours["maximum_3d_diameter"]]
    assert (ours["surface_area"], ours["mesh_volume"]) == pytest.approx((area, volume), rel=1e-11)
    assert found == pytest.approx(diameters, rel=1e-12)


def test_ibsi_measures_a_cube_by_its_formulas():
    values = np.arange(27.0).reshape(3, 3, 3)
    features = features_of(Shape(standard="ibsi"), box(3, 3, 3, border=0), values)
    area, volume = features["surface_area"], features["mesh_volume"]
    assert features["compactness_2"] == pytest.approx(features["sphericity"] ** 3)
    assert features["asphericity"] == pytest.approx(1 / features["sphericity"] - 1)
    assert features["volume_density_aligned_box"] == pytest.approx(volume / 27)
    assert features["area_density_aligned_box"] == pytest.approx(area / 54)
    assert features["volume_density_convex_hull"] == pytest.approx(1)  # it is convex
    assert features["integrated_intensity"] == pytest.approx(volume * 13)
    half_axis = 2 * np.sqrt(18 / 26)  # variance of 9 × (-1, 0, 1) divided by 27 - 1
    assert features["volume_density_ellipsoid"] == pytest.approx(volume / (4 / 3 * np.pi * half_axis**3))
    assert features["area_density_ellipsoid"] == pytest.approx(area / (4 * np.pi * half_axis**2))
    places = np.indices((3, 3, 3)).reshape(3, -1)
    centre = places @ values.ravel() / values.sum()
    assert features["centre_of_mass_shift"] == pytest.approx(np.linalg.norm(centre - 1))


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 1, 4), (1, 3, 3), (2, 2, 2)])
def test_flat_and_thin_regions_have_finite_values(shape):
    for standard in ("pyradiomics", "ibsi"):
        assert np.isfinite(list(features_of(Shape(standard=standard), box(*shape)).values())).all()


def test_radiomics_has_shape_once_and_before_resegmentation():
    volume = np.random.default_rng(0).normal(size=(6, 7, 8))
    image = np.ma.MaskedArray(volume, ~box(4, 5, 6))
    radiomics = Radiomics(
        families=["first_order", "shape"], filters=["original", "square"], resegment_range=[-1, 1],
        spacing=(3, 1, 1),
    )  # fmt: skip
    row = radiomics.fit_transform([image])[0]
    names = radiomics.get_feature_names_out().tolist()
    shape = Shape(spacing=(3, 1, 1)).fit([image])
    assert names[:14] == shape.get_feature_names_out().tolist()
    assert row[:14].tolist() == shape.transform([image])[0].tolist()
    assert len(names) == 14 + 2 * 18
    plane = Radiomics(families=["shape2d"], levels=None).fit([image[3]])
    assert plane.transform([image[3]]).tolist() == Shape2D().fit_transform([image[3]]).tolist()


def test_other_dimensions_are_refused():
    with pytest.raises(ValueError, match=r"image 0 has shape .* Shape takes 3-D arrays"):
        Shape().fit([np.ones((3, 3))])
    with pytest.raises(ValueError, match="The family 'shape' is of 3-D images; got one of 2 axes"):
        Radiomics(families=["shape"]).fit([np.ones((3, 3))])


@pytest.mark.parametrize("spacing", [(1, 1), (1, 1, 0), (1, 1, np.inf), "abc"])
def test_bad_spacings_are_named(spacing):
    with pytest.raises(ValueError, match="'spacing' parameter"):
        Shape(spacing=spacing).fit([np.ones((3, 3, 3))])
