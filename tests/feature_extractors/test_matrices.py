"""Texture matrices: published examples, scikit-image, and what must hold for any image."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from skimage.feature import graycomatrix
from skimage.measure import label

from feature_extractors._gray_levels import GrayLevels
from feature_extractors._kernels import RUN_DIRECTIONS, count_pairs, count_runs
from feature_extractors._matrices import (
    cooccurrence_matrices,
    offsets_at,
    run_length_matrices,
    size_zone_matrix,
)

QUICK = settings(max_examples=40, deadline=None, derandomize=True)
LEVELS = arrays(np.int32, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 3))
HORIZONTAL = [[0, 1]]
# Haralick et al. (1973), figure 3; Galloway (1975), figure 1; both with levels from 0 there, from 1 here.
HARALICK = np.array([[0, 0, 1, 1], [0, 0, 1, 1], [0, 2, 2, 2], [2, 2, 3, 3]]) + 1
GALLOWAY = np.array([[0, 1, 2, 3], [0, 2, 3, 3], [2, 1, 1, 1], [3, 0, 3, 0]]) + 1
# The examples in the manual of pyradiomics.
COOCCURRENCES = [[1, 2, 5, 2, 3], [3, 2, 1, 3, 1], [1, 3, 5, 5, 2], [1, 1, 1, 1, 2], [1, 2, 4, 3, 5]]
RUNS_AND_ZONES = [[5, 2, 5, 4, 4], [3, 3, 3, 1, 3], [2, 1, 1, 1, 3], [4, 2, 2, 2, 3], [3, 5, 3, 3, 2]]


def as_levels(image):
    """An image of levels (0: outside) as the matrices take it."""
    image = np.asarray(image)
    present = np.unique(image[image > 0])
    positions = np.where(image > 0, np.searchsorted(present, image) + 1, 0)
    return GrayLevels(positions=positions.astype(np.int32), present=present.astype(float))


def pairs_both_ways(image, offset):
    (counts,) = count_pairs(np.asarray(image, dtype=np.int32), np.max(image), np.array([offset]))
    return (counts + counts.T).astype(int).tolist()


@pytest.mark.parametrize(
    ("image", "offset", "counts"),
    [
        (HARALICK, (0, 1), [[4, 2, 1, 0], [2, 4, 0, 0], [1, 0, 6, 1], [0, 0, 1, 2]]),
        (HARALICK, (1, 0), [[6, 0, 2, 0], [0, 4, 2, 0], [2, 2, 2, 2], [0, 0, 2, 0]]),
        (HARALICK, (1, 1), [[2, 1, 3, 0], [1, 2, 1, 0], [3, 1, 0, 2], [0, 0, 2, 0]]),
        (HARALICK, (1, -1), [[4, 1, 0, 0], [1, 2, 2, 0], [0, 2, 4, 1], [0, 0, 1, 0]]),
        (
            COOCCURRENCES,
            (0, 1),
            [[6, 4, 3, 0, 0], [4, 0, 2, 1, 3], [3, 2, 0, 1, 2], [0, 1, 1, 0, 0], [0, 3, 2, 0, 2]],
        ),
    ],
)
def test_published_cooccurrences(image, offset, counts):
    assert pairs_both_ways(image, offset) == counts


@pytest.mark.parametrize(
    ("image", "counts"),
    [
        (GALLOWAY, [[4, 0, 0, 0], [1, 0, 1, 0], [3, 0, 0, 0], [3, 1, 0, 0]]),
        (
            RUNS_AND_ZONES,
            [[1, 0, 1, 0, 0], [3, 0, 1, 0, 0], [4, 1, 1, 0, 0], [1, 1, 0, 0, 0], [3, 0, 0, 0, 0]],
        ),
    ],
)
def test_published_horizontal_runs(image, counts):
    ours, _ = count_runs(np.asarray(image, dtype=np.int32), np.max(image), np.array(HORIZONTAL))
    assert ours[0].tolist() == counts


def test_published_zones():
    zones = size_zone_matrix(as_levels(RUNS_AND_ZONES))
    assert zones.gray_levels.tolist() == [1, 2, 3, 4, 5]
    assert zones.sizes.tolist() == [1, 2, 3, 4, 5]
    assert zones.counts[0].tolist() == [
        [0, 0, 0, 1, 0],
        [1, 0, 0, 0, 1],
        [1, 0, 1, 0, 1],
        [1, 1, 0, 0, 0],
        [3, 0, 0, 0, 0],
    ]


def test_a_masked_pixel_takes_no_part():
    gray = as_levels([[1, 1, 0, 1, 2], [2, 0, 1, 1, 1], [2, 2, 1, 2, 1], [1, 2, 2, 1, 1]])
    pairs = count_pairs(gray.positions, 2, np.array([[0, 1], [1, 0], [1, 1], [1, -1]]))
    assert pairs.tolist() == [
        [[4, 3], [3, 2]],
        [[4, 3], [3, 2]],
        [[4, 1], [1, 3]],
        [[3, 4], [2, 1]],
    ]
    counts, crowded = count_runs(gray.positions, 2, np.array([[0, 1]]))
    assert counts.tolist() == [[[4, 2, 1, 0, 0], [3, 2, 0, 0, 0]]]
    assert crowded.tolist() == [True]
    zones = size_zone_matrix(gray)
    assert zones.counts.tolist() == [[[1, 0, 1], [1, 1, 0]]]
    assert zones.sizes.tolist() == [1, 6, 10]


def test_absent_levels_have_no_row():
    matrices = cooccurrence_matrices(as_levels([[2, 7, 7]]))
    assert matrices.gray_levels.tolist() == [2, 7]
    assert matrices.counts.tolist() == [[[0, 1], [1, 2]]]


@pytest.mark.parametrize(("distance", "number"), [(1, 4), (2, 8), (3, 12)])
def test_offsets_are_half_of_the_ring(distance, number):
    offsets = offsets_at([distance])
    assert len(offsets) == number
    both = {tuple(o) for o in offsets} | {tuple(-o) for o in offsets}
    assert len(both) == 2 * number
    assert {max(abs(y), abs(x)) for y, x in both} == {distance}


@pytest.mark.parametrize("symmetric", [False, True])
def test_pairs_are_those_of_scikit_image(photographs, symmetric):
    image = photographs["camera"] // 16
    theirs = graycomatrix(
        image, [1], [0, np.pi / 4, np.pi / 2, 3 * np.pi / 4], levels=16, symmetric=symmetric
    )
    ours = count_pairs(image.astype(np.int32) + 1, 16, np.array([[0, 1], [1, 1], [1, 0], [1, -1]]))
    if symmetric:
        ours = ours + ours.swapaxes(1, 2)
    assert (ours == np.moveaxis(theirs[:, :, 0], 2, 0)).all()


def test_zones_are_those_of_scikit_image(photographs):
    image = photographs["gravel"] // 32 + 1
    components = label(image, connectivity=2, background=0)
    _, sizes = np.unique(components, return_counts=True)
    zones = size_zone_matrix(as_levels(image))
    sizes, counts = np.unique(sizes, return_counts=True)
    assert zones.sizes.tolist() == sizes.tolist()
    assert zones.counts.sum(axis=(0, 1)).tolist() == counts.tolist()


def test_directions_without_pairs_are_dropped():
    line = as_levels([[1, 2, 2]])
    assert cooccurrence_matrices(line).counts.tolist() == [[[0, 1], [1, 2]]]
    assert len(run_length_matrices(line).counts) == 1
    apart = as_levels(
        [[1, 0, 2]]
    )  # two pixels on a line count as a direction of runs, though they do not touch
    assert run_length_matrices(apart).counts.tolist() == [[[1], [1]]]


def test_isolated_pixels_pair_with_themselves():
    apart = as_levels([[1, 0, 2], [0, 0, 0], [2, 0, 0]])
    assert cooccurrence_matrices(apart, symmetric=False).counts.tolist() == [[[1, 0], [0, 2]]]


def test_one_pixel_is_a_run_in_every_direction():
    runs = run_length_matrices(as_levels([[0, 5], [0, 0]]))
    assert runs.counts.tolist() == [[[1]]] * 4
    assert (runs.gray_levels.tolist(), runs.sizes.tolist()) == ([5], [1])


@QUICK
@given(LEVELS)
def test_mass_of_pairs(image):
    offsets = offsets_at([1, 2])
    counts = count_pairs(image, 3, offsets)
    inside = np.pad(image > 0, 2)
    pairs = [(inside & np.roll(inside, (-y, -x), axis=(0, 1))).sum() for y, x in offsets]
    assert counts.sum(axis=(1, 2)).tolist() == pairs


@QUICK
@given(LEVELS)
def test_runs_and_zones_cover_each_pixel_once(image):
    pixels = np.count_nonzero(image)
    counts, _ = count_runs(image, 3, RUN_DIRECTIONS)
    lengths = np.arange(1, max(image.shape) + 1)
    assert (counts.sum(axis=1) @ lengths).tolist() == [pixels] * 4
    if pixels:
        zones = size_zone_matrix(as_levels(image))
        assert zones.counts.sum(axis=(0, 1)) @ zones.sizes == pixels


@QUICK
@given(LEVELS)
def test_a_flip_exchanges_the_diagonals(image):
    flipped = np.ascontiguousarray(image[:, ::-1])
    exchanged = [0, 1, 3, 2]
    runs, crowded = count_runs(image, 3, RUN_DIRECTIONS)
    flipped_runs, flipped_crowded = count_runs(flipped, 3, RUN_DIRECTIONS)
    assert (runs == flipped_runs[exchanged]).all()
    assert (crowded == flipped_crowded[exchanged]).all()
    both_ways = [c + c.swapaxes(1, 2) for c in (count_pairs(i, 3, RUN_DIRECTIONS) for i in (image, flipped))]
    assert (both_ways[0] == both_ways[1][exchanged]).all()


@QUICK
@given(LEVELS.filter(np.any))
def test_zones_do_not_depend_on_orientation(image):
    zones = size_zone_matrix(as_levels(image))
    for turned in (image[::-1], image.T, np.rot90(image)):
        other = size_zone_matrix(as_levels(np.ascontiguousarray(turned)))
        assert other.counts.tolist() == zones.counts.tolist()
        assert other.sizes.tolist() == zones.sizes.tolist()
