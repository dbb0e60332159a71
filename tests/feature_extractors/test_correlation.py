"""The maximal correlation coefficient against a singular value decomposition."""

import numpy as np
import pytest

from feature_extractors._radiomics import correlation
from feature_extractors._radiomics.correlation import maximal_correlations
from feature_extractors._radiomics.sparse import SparseMatrices

BRANCHES = pytest.mark.parametrize("dense", [1, 1000], ids=["Lanczos", "Householder"])
BOTH = pytest.mark.parametrize("symmetric", [True, False], ids=["symmetric", "not symmetric"])


def sparse(*tables, symmetric):
    """Tables as matrices, each of an image of its own."""
    kept = [np.nonzero(np.tril(table) if symmetric else table) for table in tables]
    counts = [table[where] for table, where in zip(tables, kept, strict=True)]
    ends = np.cumsum([len(table) for table in tables])
    return SparseMatrices(
        rows=np.concatenate([rows for rows, _ in kept]).astype(np.int32),
        columns=np.concatenate([columns for _, columns in kept]).astype(np.int32),
        counts=np.concatenate(counts).astype(np.int64),
        starts=np.concatenate([[0], np.cumsum([len(part) for part in counts])]),
        images=np.arange(len(tables)),
        present=np.concatenate([np.arange(1.0, len(table) + 1) for table in tables]),
        present_starts=np.concatenate([[0], ends]),
        symmetric=symmetric,
    )


def by_svd(table):
    p = table / table.sum()
    px, py = p.sum(axis=1), p.sum(axis=0)
    scale = np.sqrt(np.outer(px, py))
    return np.linalg.svd(np.divide(p, scale, out=np.zeros_like(p), where=scale > 0), compute_uv=False)[1]


def assert_like_svd(tables, symmetric):
    """To 1e-12; where it is next to 0, less if not symmetric: there it is the root of a rounding error."""
    ours = maximal_correlations(sparse(*tables, symmetric=symmetric))
    expected = [by_svd(table) for table in tables]
    np.testing.assert_allclose(ours, expected, rtol=1e-10, atol=1e-12 if symmetric else 2e-8)


def smooth(n):
    """Pairs of levels that are near each other, closely or not; and of any levels, often and rarely."""
    random = np.random.default_rng(n)
    distance = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    expected = [np.exp(-distance / 2) * 40, np.exp(-distance / n) * 3, np.full((n, n), 2.0), 3 / (1.0 + n)]
    for table in (random.poisson(e, (n, n)) for e in expected):
        table[0, 0] += 1
        table[-1, -1] += 1
        yield table


def few_meet_many(seed):
    """Pairs of any of 55 levels with the first two or three, so that most of the matrix is 0."""
    random = np.random.default_rng(seed)
    table = np.zeros((55, 55), dtype=int)
    np.add.at(table, (random.integers(0, 55, 17), random.integers(0, 2 + seed % 2, 17)), 1)
    return table


@BOTH
@BRANCHES
@pytest.mark.parametrize("n", [2, 3, 5, 32, 90])
def test_against_singular_values(monkeypatch, n, dense, symmetric):
    monkeypatch.setattr(correlation, "DENSE", dense)
    assert_like_svd([table + table.T if symmetric else table for table in smooth(n)], symmetric)


@BOTH
@pytest.mark.parametrize("n", [160, 161, 400])
def test_many_levels(n, symmetric):
    chosen = [table + table.T if symmetric else table for table in smooth(n)]
    assert_like_svd(chosen[::2] if n == 400 else chosen, symmetric)


@BOTH
@BRANCHES
def test_low_rank(monkeypatch, dense, symmetric):
    """Reflections and iterations end in rounding errors of rounding errors, and must notice."""
    monkeypatch.setattr(correlation, "DENSE", dense)
    tables = [few_meet_many(seed) for seed in range(60)]
    assert_like_svd([table + table.T if symmetric else table for table in tables], symmetric)


@BRANCHES
def test_one_level_with_many(monkeypatch, dense):
    """A level that meets itself 132 times, and each of seven others once to three times."""
    monkeypatch.setattr(correlation, "DENSE", dense)
    star = np.zeros((33, 33), dtype=int)
    star[0, [0, 4, 9, 14, 24, 28, 29, 32]] = star[[0, 4, 9, 14, 24, 28, 29, 32], 0] = [
        132,
        3,
        1,
        2,
        1,
        1,
        1,
        2,
    ]
    assert maximal_correlations(sparse(star, symmetric=True)) == pytest.approx([1 / 13], rel=1e-12)


@BOTH
@BRANCHES
@pytest.mark.parametrize("bridges", [0, 1])
def test_two_blocks(monkeypatch, bridges, dense, symmetric):
    """Levels that meet those of their half alone tell which half it is: 1; a pair across makes it less."""
    monkeypatch.setattr(correlation, "DENSE", dense)
    table = np.random.default_rng(4).integers(1, 9, (40, 40))
    table[:20, 20:] = table[20:, :20] = 0
    table[0, -1] = bridges
    table = table + table.T if symmetric else table
    (ours,) = maximal_correlations(sparse(table, symmetric=symmetric))
    assert ours == pytest.approx(by_svd(table), rel=1e-12)
    assert (ours == pytest.approx(1, abs=1e-12)) == (not bridges)


@BOTH
@BRANCHES
@pytest.mark.parametrize("n", [2, 5, 70])
def test_independent_and_nearly_independent_levels(monkeypatch, n, dense, symmetric):
    monkeypatch.setattr(correlation, "DENSE", dense)
    independent = np.outer(np.arange(1, n + 1), np.arange(1, n + 1)) * 1000
    (ours,) = maximal_correlations(sparse(independent, symmetric=symmetric))
    assert ours == pytest.approx(0, abs=1e-12 if symmetric else 2e-8)
    nearly = independent.copy()
    nearly[0, 0] += 1
    (ours,) = maximal_correlations(sparse(nearly, symmetric=symmetric))
    assert 0 < by_svd(nearly) < 1e-3
    assert ours == pytest.approx(by_svd(nearly), rel=1e-3 if not symmetric else 1e-8)


@pytest.mark.parametrize(
    ("table", "symmetric", "value"),
    [
        ([[3, 0], [0, 5]], True, 1),  # one level tells the other
        ([[0, 4], [4, 0]], True, 1),
        ([[0, 4], [1, 0]], False, 1),
        ([[2, 1], [1, 0]], True, 1 / 3),  # of two levels it is the absolute correlation
        ([[0, 2, 0], [0, 0, 7], [1, 0, 0]], False, 1),
        ([[7]], True, 1),
        ([[0, 0], [0, 7]], True, 0),  # of two levels of the image one alone meets itself, as in pyradiomics
        ([[0, 0], [0, 0]], True, np.nan),
        ([[0]], False, np.nan),
    ],
)
def test_by_hand(table, symmetric, value):
    (ours,) = maximal_correlations(sparse(np.array(table), symmetric=symmetric))
    assert ours == pytest.approx(value, abs=1e-12, nan_ok=True)


@BOTH
def test_matrices_of_a_batch_do_not_mix(symmetric):
    """Small after large, sparse after dense, and one level in between."""
    tables = [*smooth(200), np.array([[3]]), *smooth(3), few_meet_many(1), *smooth(40)]
    tables = [table + table.T if symmetric else table for table in tables]
    together = maximal_correlations(sparse(*tables, symmetric=symmetric))
    alone = [maximal_correlations(sparse(table, symmetric=symmetric))[0] for table in tables]
    np.testing.assert_array_equal(together, alone)
