"""Texture matrices: published examples, scikit-image, and what must hold for any image."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.ndimage import distance_transform_cdt
from scipy.ndimage import label as ndimage_label
from skimage.feature import graycomatrix
from skimage.measure import label

from feature_extractors._radiomics import cooccurrence, runs
from feature_extractors._radiomics.batch import make_batch
from feature_extractors._radiomics.cooccurrence import cooccurrence_matrices
from feature_extractors._radiomics.directions import offsets_at
from feature_extractors._radiomics.gray_levels import discretise
from feature_extractors._radiomics.runs import run_length_matrices
from feature_extractors._radiomics.zones import distance_zone_matrices, find_zones, size_zone_matrices

QUICK = settings(max_examples=40, deadline=None, derandomize=True)
LEVELS = arrays(np.int32, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 3))
# Haralick et al. (1973), figure 3; Galloway (1975), figure 1; both with levels from 0 there, from 1 here.
HARALICK = np.array([[0, 0, 1, 1], [0, 0, 1, 1], [0, 2, 2, 2], [2, 2, 3, 3]]) + 1
GALLOWAY = np.array([[0, 1, 2, 3], [0, 2, 3, 3], [2, 1, 1, 1], [3, 0, 3, 0]]) + 1
# The examples in the manual of pyradiomics.
COOCCURRENCES = [[1, 2, 5, 2, 3], [3, 2, 1, 3, 1], [1, 3, 5, 5, 2], [1, 1, 1, 1, 2], [1, 2, 4, 3, 5]]
RUNS_AND_ZONES = [[5, 2, 5, 4, 4], [3, 3, 3, 1, 3], [2, 1, 1, 1, 3], [4, 2, 2, 2, 3], [3, 5, 3, 3, 2]]


RUN_DIRECTIONS = np.array([[0, 0, 1], [0, 1, 0], [0, 1, 1], [0, 1, -1]])


def as_levels(image, pad=1):
    """An image of levels (0: outside) as the matrices take it."""
    image = np.asarray(image)
    masked = np.ma.MaskedArray(np.where(image > 0, image, 1), image == 0)
    return discretise(make_batch([masked]), levels=None, pad=pad, deep=image.ndim == 3)


def flat_offset(offset):
    return np.array([[0, *offset]])


def dense(matrices, columns):
    return [matrices.dense(k, columns) for k in range(len(matrices))]


def pairs_both_ways(image, offset):
    gray = as_levels(image)
    (counts,) = dense(cooccurrence_matrices(gray, flat_offset(offset)), gray.n_present[0])
    return counts.tolist()


def run_table(image, offsets=RUN_DIRECTIONS):
    """Counts by direction, level and length from 1."""
    return np.array(dense(run_length_matrices(as_levels(image), offsets), max(np.shape(image)) + 1))[:, :, 1:]


def zone_table(image):
    gray = as_levels(image)
    return size_zone_matrices(find_zones(gray), gray).dense(0, np.size(image) + 1)[:, 1:]


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
    assert run_table(image, np.array([[0, 0, 1]]))[0].tolist() == counts


def test_published_zones():
    assert zone_table(RUNS_AND_ZONES)[:, :5].tolist() == [
        [0, 0, 0, 1, 0],
        [1, 0, 0, 0, 1],
        [1, 0, 1, 0, 1],
        [1, 1, 0, 0, 0],
        [3, 0, 0, 0, 0],
    ]


def test_a_masked_pixel_takes_no_part():
    image = [[1, 1, 0, 1, 2], [2, 0, 1, 1, 1], [2, 2, 1, 2, 1], [1, 2, 2, 1, 1]]
    gray = as_levels(image)
    pairs = dense(cooccurrence_matrices(gray, RUN_DIRECTIONS, symmetric=False), 2)
    assert [table.tolist() for table in pairs] == [
        [[4, 3], [3, 2]],
        [[4, 3], [3, 2]],
        [[4, 1], [1, 3]],
        [[3, 4], [2, 1]],
    ]
    assert run_table(image)[0].tolist() == [[4, 2, 1, 0, 0], [3, 2, 0, 0, 0]]
    zones = zone_table(image)
    assert {(i + 1, j + 1): int(n) for (i, j), n in np.ndenumerate(zones) if n} == {
        (1, 1): 1,
        (1, 10): 1,
        (2, 1): 1,
        (2, 6): 1,
    }


def test_absent_levels_have_no_row():
    gray = as_levels([[2, 7, 7]])
    assert gray.present.tolist() == [2, 7]
    (table,) = dense(cooccurrence_matrices(gray, flat_offset((0, 1))), 2)
    assert table.tolist() == [[0, 1], [1, 2]]


@pytest.mark.parametrize(
    ("distance", "deep", "number"),
    [(1, False, 4), (2, False, 8), (3, False, 12), (1, True, 13), (2, True, 49)],
)
def test_offsets_are_half_of_the_ring(distance, deep, number):
    offsets = offsets_at([distance], deep=deep)
    assert len(offsets) == number
    both = {tuple(o) for o in offsets} | {tuple(-o) for o in offsets}
    assert len(both) == 2 * number
    assert {max(map(abs, o)) for o in both} == {distance}


@pytest.mark.parametrize("symmetric", [False, True])
@pytest.mark.parametrize("most", [256, 5], ids=["in a table", "row by row"])
def test_pairs_are_those_of_scikit_image(photographs, monkeypatch, symmetric, most):
    monkeypatch.setattr(cooccurrence, "DENSE", most)
    image = photographs["camera"] // 16
    theirs = graycomatrix(
        image, [1], [0, np.pi / 4, np.pi / 2, 3 * np.pi / 4], levels=16, symmetric=symmetric
    )
    directions = np.array([[0, 0, 1], [0, 1, 1], [0, 1, 0], [0, 1, -1]])
    gray = as_levels(image.astype(int) + 1)
    ours = dense(cooccurrence_matrices(gray, directions, symmetric=symmetric), len(gray.present))
    present = gray.present.astype(int) - 1
    for k, table in enumerate(ours):
        assert (table == theirs[:, :, 0, k][np.ix_(present, present)]).all()


def test_merged_matrices_are_sums(photographs):
    gray = as_levels(photographs["grass"] // 16 + 1, pad=2)
    offsets, n = offsets_at([1, 2], deep=False), gray.n_present[0]
    (merged,) = dense(cooccurrence_matrices(gray, offsets, merge=True), n)
    assert (merged == sum(dense(cooccurrence_matrices(gray, offsets), n))).all()
    (merged,) = dense(run_length_matrices(gray, RUN_DIRECTIONS, merge=True), 90)
    assert (merged == sum(dense(run_length_matrices(gray, RUN_DIRECTIONS), 90))).all()


@pytest.mark.parametrize("short", [1, 2, 24])
def test_long_runs_are_counted_like_short_ones(monkeypatch, short):
    random = np.random.default_rng(0)
    image = np.repeat(random.integers(1, 3, (9, 12)), random.integers(1, 9, 12), axis=1)
    expected = run_table(image)
    monkeypatch.setattr(runs, "SHORT", short)
    assert (run_table(image) == expected).all()


def test_zones_are_those_of_scikit_image(photographs):
    image = photographs["gravel"] // 32 + 1
    components = label(image, connectivity=2, background=0)
    _, sizes = np.unique(components, return_counts=True)
    assert zone_table(image).sum(axis=0).tolist() == np.bincount(sizes, minlength=image.size + 1)[1:].tolist()


def test_zones_of_volumes_and_their_distances():
    """By scipy: connected components of each level, and taxicab distances to the outside."""
    random = np.random.default_rng(1)
    for _ in range(20):
        image = random.integers(0, 4, random.integers(1, 8, 3))
        if not image.any():
            continue
        gray = as_levels(image)
        far = distance_transform_cdt(np.pad(image > 0, 1), "taxicab")[1:-1, 1:-1, 1:-1]
        expected = []
        for row, level in enumerate(gray.present):
            components, number = ndimage_label(image == level, np.ones((3, 3, 3)))
            for k in range(1, number + 1):
                zone = components == k
                expected.append((row, int(zone.sum()), int(far[zone].min())))
        zones = find_zones(gray, distances=True)
        found = zip(zones.levels.tolist(), zones.sizes.tolist(), zones.distances.tolist(), strict=True)
        assert sorted(found) == sorted(expected)
        table = distance_zone_matrices(zones, gray).dense(0, 9)
        assert table.sum() == len(expected)


def test_directions_without_pairs_are_left_empty():
    line = as_levels([[1, 2, 2]])
    tables = dense(cooccurrence_matrices(line, RUN_DIRECTIONS), 2)
    assert [table.tolist() for table in tables] == [[[0, 1], [1, 2]], *[[[0, 0], [0, 0]]] * 3]
    assert run_table([[1, 2, 2]]).sum(axis=(1, 2)).tolist() == [2, 0, 0, 0]
    apart = run_table(
        [[1, 0, 2]]
    )  # two pixels on a line make it a direction of runs, though they do not touch
    assert apart.sum(axis=(1, 2)).tolist() == [2, 0, 0, 0]


def test_one_pixel_is_a_run_in_every_direction():
    runs_of_one = run_table([[0, 5], [0, 0]])
    assert runs_of_one[:, 0, 0].tolist() == [1] * 4
    assert runs_of_one.sum() == 4


@QUICK
@given(LEVELS.filter(np.any))
def test_mass_of_pairs(image):
    offsets = offsets_at([1, 2], deep=False)
    matrices = cooccurrence_matrices(as_levels(image, pad=2), offsets, symmetric=False)
    inside = np.pad(image > 0, 2)
    pairs = [(inside & np.roll(inside, (-y, -x), axis=(0, 1))).sum() for _, y, x in offsets]
    assert [table.sum() for table in dense(matrices, 3)] == pairs


@QUICK
@given(LEVELS.filter(np.any))
def test_runs_and_zones_cover_each_pixel_once(image):
    pixels = np.count_nonzero(image)
    lengths = np.arange(1, max(image.shape) + 1)
    covered = run_table(image).sum(axis=1) @ lengths
    assert set(covered.tolist()) <= {0, pixels}
    assert covered.any()
    assert zone_table(image).sum(axis=0) @ np.arange(1, image.size + 1) == pixels


@QUICK
@given(LEVELS.filter(np.any))
def test_a_flip_exchanges_the_diagonals(image):
    flipped = np.ascontiguousarray(image[:, ::-1])
    exchanged = [0, 1, 3, 2]
    assert (run_table(image) == run_table(flipped)[exchanged]).all()
    ours, theirs = (dense(cooccurrence_matrices(as_levels(i), RUN_DIRECTIONS), 3) for i in (image, flipped))
    assert all((ours[k] == theirs[m]).all() for k, m in enumerate(exchanged))


@QUICK
@given(LEVELS.filter(np.any))
def test_zones_do_not_depend_on_orientation(image):
    zones = zone_table(image)
    for turned in (image[::-1], image.T, np.rot90(image)):
        assert (zone_table(np.ascontiguousarray(turned)) == zones).all()
