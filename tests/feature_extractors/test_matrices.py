"""Texture matrices: published examples, scikit-image, and what must hold for any image."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from skimage.feature import graycomatrix
from skimage.measure import label

from feature_extractors._radiomics import cooccurrence, runs
from feature_extractors._radiomics.batch import make_batch
from feature_extractors._radiomics.cooccurrence import cooccurrence_matrices
from feature_extractors._radiomics.directions import offsets_at
from feature_extractors._radiomics.gray_levels import discretise
from feature_extractors._radiomics.neighbourhoods import dependence_matrices, tone_differences
from feature_extractors._radiomics.runs import run_length_matrices
from feature_extractors._radiomics.zones import distance_zone_matrices, find_zones, size_zone_matrices
from tests.feature_extractors.reference import plain

QUICK = settings(max_examples=40, deadline=None, derandomize=True)
SIDES = st.tuples(st.integers(1, 4), st.integers(1, 6), st.integers(1, 6))
BATCH = st.lists(arrays(np.int32, SIDES, elements=st.integers(0, 4)).filter(np.any), min_size=1, max_size=3)
LEVELS = arrays(np.int32, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 3))
# Haralick et al. (1973), figure 3; Galloway (1975), figure 1; both with levels from 0 there, from 1 here.
HARALICK = np.array([[0, 0, 1, 1], [0, 0, 1, 1], [0, 2, 2, 2], [2, 2, 3, 3]]) + 1
GALLOWAY = np.array([[0, 1, 2, 3], [0, 2, 3, 3], [2, 1, 1, 1], [3, 0, 3, 0]]) + 1
# The examples in the manual of pyradiomics.
COOCCURRENCES = [[1, 2, 5, 2, 3], [3, 2, 1, 3, 1], [1, 3, 5, 5, 2], [1, 1, 1, 1, 2], [1, 2, 4, 3, 5]]
RUNS_AND_ZONES = [[5, 2, 5, 4, 4], [3, 3, 3, 1, 3], [2, 1, 1, 1, 3], [4, 2, 2, 2, 3], [3, 5, 3, 3, 2]]
TONES = [[1, 2, 5, 2], [3, 5, 1, 3], [1, 3, 5, 5], [3, 1, 1, 1]]
RUN_DIRECTIONS = np.array([[0, 0, 1], [0, 1, 0], [0, 1, 1], [0, 1, -1]])


def as_levels(*images, pad=1, deep=None):
    """Images of levels (0: outside) as the matrices take them."""
    arrays = [np.asarray(image) for image in images]
    masked = [np.ma.MaskedArray(np.where(image > 0, image, 1), image == 0) for image in arrays]
    deep = arrays[0].ndim == 3 if deep is None else deep
    return discretise(make_batch(masked), levels=None, pad=pad, deep=deep)


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


def test_published_dependences():
    matrices = dependence_matrices(as_levels(RUNS_AND_ZONES), RUN_DIRECTIONS)
    assert matrices.dense(0, 5)[:, 1:].tolist() == [
        [0, 1, 2, 1],
        [1, 2, 3, 0],
        [1, 4, 4, 0],
        [1, 2, 0, 0],
        [3, 0, 0, 0],
    ]


def test_published_tone_differences():
    differences = tone_differences(as_levels(TONES), RUN_DIRECTIONS)
    assert differences.present.tolist() == [1, 2, 3, 5]
    assert differences.counts.tolist() == [6, 2, 4, 4]
    assert differences.sums.round(3).tolist() == [13.35, 2, 3.033, 10.075]


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


@pytest.mark.parametrize(("shape", "patch"), [((120, 720), (40, 90)), ((70, 9, 75), (35, 3, 25))])
def test_long_runs_in_large_images_are_those_of_plain_loops(shape, patch):
    """Runs beyond the table, and more pixels than are counted, or kept, at once; some outside the region."""
    random = np.random.default_rng(0)
    patches = random.integers(1, 3, [n // m for n, m in zip(shape, patch, strict=True)])
    image = np.kron(patches, np.ones(patch, dtype=int)) * (random.random(shape) > 0.001)
    deep = image.ndim == 3
    image = image if deep else image[np.newaxis]
    gray = as_levels(image, deep=deep)
    assert gray.sizes[0] > runs.ROOM * (runs.BLOCK + gray.steps(np.array([[0, 1, 1]])).max())
    offsets = plain.half_offsets([1], deep=deep)
    matrices = run_length_matrices(gray, np.array(offsets))
    for k, step in enumerate(offsets):
        expected = plain.runs(image, step)[1:]
        longest = np.flatnonzero(expected.sum(axis=0)).max()
        assert deep or longest > runs.SHORT
        assert (matrices.dense(k, expected.shape[1]) == expected).all()


def test_zones_are_those_of_scikit_image(photographs):
    image = photographs["gravel"] // 32 + 1
    components = label(image, connectivity=2, background=0)
    _, sizes = np.unique(components, return_counts=True)
    assert zone_table(image).sum(axis=0).tolist() == np.bincount(sizes, minlength=image.size + 1)[1:].tolist()


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


@QUICK
@given(BATCH, st.booleans(), st.booleans(), st.sampled_from([256, 1]))
def test_pairs_of_batches_are_those_of_plain_loops(images, deep, symmetric, most):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cooccurrence, "DENSE", most)
        offsets = plain.half_offsets([1, 2], deep=deep)
        gray = as_levels(*images, pad=2, deep=deep)
        matrices = cooccurrence_matrices(gray, np.array(offsets), symmetric=symmetric)
        merged = cooccurrence_matrices(gray, np.array(offsets), symmetric=symmetric, merge=True)
    for k, image in enumerate(images):
        present = np.unique(image[image > 0])
        tables = [plain.pairs(image, step, symmetric=symmetric)[np.ix_(present, present)] for step in offsets]
        assert (merged.dense(k, len(present)) == sum(tables)).all()
        for m, table in enumerate(tables, start=k * len(offsets)):
            assert (matrices.dense(m, len(present)) == table).all()


@QUICK
@given(BATCH, st.booleans())
def test_runs_of_batches_are_those_of_plain_loops(images, deep):
    offsets = plain.half_offsets([1], deep=deep)
    matrices = run_length_matrices(as_levels(*images, deep=deep), np.array(offsets))
    for k, (image, step) in enumerate((image, step) for image in images for step in offsets):
        lone = not any(plain.shares_a_line(image, other) for other in offsets)
        expected = plain.runs(image, step)[np.unique(image[image > 0])]
        counts = lone or plain.shares_a_line(image, step)
        assert (matrices.dense(k, expected.shape[1]) == expected * counts).all()


@QUICK
@given(BATCH, st.booleans(), st.sampled_from([0, 1, 2.5]))
def test_neighbourhoods_of_batches_are_those_of_plain_loops(images, deep, alpha):
    offsets = plain.half_offsets([1, 2], deep=deep)
    gray = as_levels(*images, pad=2, deep=deep)
    matrices = dependence_matrices(gray, np.array(offsets), alpha=alpha)
    for k, image in enumerate(images):
        expected = plain.dependences(image, offsets, alpha)[np.unique(image[image > 0])]
        assert (matrices.dense(k, expected.shape[1]) == expected).all()
    for lonely in (True, False):
        differences = tone_differences(gray, np.array(offsets), lonely=lonely)
        for k, image in enumerate(images):
            present = np.unique(image[image > 0])
            part = slice(*gray.present_starts[k : k + 2])
            counts, sums = plain.tone_differences(image, offsets, lonely=lonely)
            assert differences.counts[part].tolist() == counts[present].tolist()
            assert differences.sums[part] == pytest.approx(sums[present], rel=1e-12)


@QUICK
@given(BATCH, st.booleans())
@example([np.random.default_rng(1).integers(0, 3, (7, 7, 7))], True)
def test_zones_of_batches_are_those_of_scipy(images, deep):
    gray = as_levels(*images, deep=deep)
    zones = find_zones(gray, distances=True)
    sizes, distances = size_zone_matrices(zones, gray), distance_zone_matrices(zones, gray)
    for k, image in enumerate(images):
        present = np.unique(image[image > 0])
        by_size, by_distance = plain.zone_sizes(image, deep=deep), plain.zone_distances(image, deep=deep)
        assert (sizes.dense(k, by_size.shape[1]) == by_size[present]).all()
        assert (distances.dense(k, by_distance.shape[1]) == by_distance[present]).all()
