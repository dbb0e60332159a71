"""The maximal correlation coefficient against a singular value decomposition."""

import numpy as np
import pytest

from feature_extractors._radiomics import correlation
from feature_extractors._radiomics.correlation import maximal_correlations
from feature_extractors._radiomics.sparse import SparseMatrices


def sparse(table, symmetric):
    rows, columns = np.nonzero(np.tril(table) if symmetric else table)
    return SparseMatrices(
        rows=rows.astype(np.int32),
        columns=columns.astype(np.int32),
        counts=table[rows, columns].astype(np.int64),
        starts=np.array([0, len(rows)]),
        images=np.array([0]),
        present=np.arange(1.0, len(table) + 1),
        present_starts=np.array([0, len(table)]),
        symmetric=symmetric,
    )


def by_svd(table):
    p = table / table.sum()
    px, py = p.sum(axis=1), p.sum(axis=0)
    scale = np.sqrt(np.outer(px, py))
    return np.linalg.svd(np.divide(p, scale, out=np.zeros_like(p), where=scale > 0), compute_uv=False)[1]


def tables(n, symmetric):
    random = np.random.default_rng(n)
    distance = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    for expected in (np.exp(-distance / 2) * 40, np.exp(-distance / n) * 3, np.full((n, n), 2.0)):
        table = random.poisson(expected)
        table[0, 0] += 1
        table[-1, -1] += 1
        yield table + table.T if symmetric else table


@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("dense", [1, 1000], ids=["Lanczos", "Householder"])
@pytest.mark.parametrize("n", [2, 3, 5, 32, 90])
def test_against_singular_values(monkeypatch, n, dense, symmetric):
    monkeypatch.setattr(correlation, "DENSE", dense)
    for table in tables(n, symmetric):
        (ours,) = maximal_correlations(sparse(table, symmetric))
        assert ours == pytest.approx(by_svd(table), rel=1e-9, abs=1e-8)


def test_many_levels():
    (table,) = list(tables(400, True))[:1]
    (ours,) = maximal_correlations(sparse(table, True))
    assert ours == pytest.approx(by_svd(table), rel=1e-9)


def test_limits():
    apart = np.array([[3, 0], [0, 5]])  # one level tells the other
    assert maximal_correlations(sparse(apart, True))[0] == pytest.approx(1)
    chess = np.array([[0, 4], [4, 0]])
    assert maximal_correlations(sparse(chess, True))[0] == pytest.approx(1)
    independent = np.outer([1, 2, 3], [1, 2, 3])
    assert maximal_correlations(sparse(independent, True))[0] == pytest.approx(0, abs=1e-8)
    assert maximal_correlations(sparse(np.array([[7]]), True))[0] == 1
    assert np.isnan(maximal_correlations(sparse(np.zeros((2, 2), dtype=int), True))[0])
