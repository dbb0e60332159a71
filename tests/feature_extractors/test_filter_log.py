"""Laplacian of Gaussian: the definition, and the recursive approximation of SimpleITK."""

import numpy as np
import pytest

from feature_extractors._filters import parse_filters
from feature_extractors._filters.recursive_gaussian import gaussian_filters, run_along


def log_of(image, spacing=None, **settings):
    (made,) = parse_filters({"log": settings})
    return next(iter(made.apply(image, spacing)))[1]


def kernel(sigma, spacing, radii):
    """Sample the definition: the Laplacian of a Gaussian in mm."""
    places = np.meshgrid(
        *(np.arange(-r, r + 1) * s for r, s in zip(radii, spacing, strict=True)), indexing="ij"
    )
    squares = sum(place**2 for place in places) / sigma**2
    dimensions = len(spacing)
    height = (squares - dimensions) / sigma**2 / (np.sqrt(2 * np.pi) * sigma) ** dimensions
    return height * np.exp(-squares / 2) * np.prod(spacing)


@pytest.mark.parametrize("normalized", [True, False])
@pytest.mark.parametrize(
    ("sigma", "spacing"), [(1.0, (1.0, 1.0)), (1.7, (0.8, 1.1)), (2.0, (2.0, 0.9, 1.3)), (2, (1.0, 1.0, 1.0))]
)
def test_a_point_is_answered_with_the_kernel(sigma, spacing, normalized):
    """Within four sigmas, as IBSI 2 cuts the kernel; in gray levels per mm² if not normalised."""
    radii = [int(4 * sigma / s + 0.5) for s in spacing]
    image = np.pad(np.ones((1,) * len(radii)), [(r + 1, r + 1) for r in radii])
    settings = {"kind": "sampled", "truncate": 4, "normalized": normalized, "border": "zero"}
    filtered = log_of(image, spacing, sigma=sigma, **settings)
    scale = sigma**2 if normalized else 1
    inner = (slice(1, -1),) * len(radii)
    np.testing.assert_allclose(filtered[inner], scale * kernel(sigma, spacing, radii), rtol=0, atol=1e-15)
    assert (filtered[0] == 0).all()


@pytest.mark.parametrize("settings", [{"kind": "sampled"}, {"kind": "recursive", "precision": "double"}])
def test_of_a_constant_is_zero_and_of_a_parabola_its_curvature(settings):
    """The second derivative of x² is 2, times sigma² = 9; far from the border."""
    image = np.full((120, 120), 5.0) + (np.arange(120) - 60.0) ** 2
    np.testing.assert_allclose(log_of(np.full((9, 9), 5.0), sigma=3.0, **settings), 0, atol=5e-7)
    np.testing.assert_allclose(log_of(image, sigma=3.0, **settings)[55:65, 55:65], 18, rtol=1e-4)
    spaced = log_of(image, (1.0, 0.5), sigma=3.0, **settings)
    np.testing.assert_allclose(spaced[55:65, 55:65], 18 / 0.5**2, rtol=3e-4)


def test_recursive_is_that_of_simpleitk():
    """Values of LaplacianRecursiveGaussianImageFilter of SimpleITK 2.5.7, spacing 2 down and 1 across."""
    image = np.outer([0.0, 1, 5, 1, 2], [3.0, 0, 9, 1, 1, 4])
    expected = [
        [2.034996, 1.970288, 1.8407701, 2.022277, 2.205582, 2.1556373],
        [2.1565099, 0.94543016, -0.2865889, 1.4030426, 3.0332923, 2.0390382],
        [-4.4248524, -7.515047, -10.329314, -6.4898086, -2.8275242, -5.380902],
        [3.9630156, 2.515369, 0.9967344, 3.0822406, 5.1003523, 3.9141784],
        [1.357548, -0.08465701, -1.511637, 0.4429227, 2.323634, 1.1376297],
    ]
    assert log_of(image, (2.0, 1.0), sigma=1.5).tolist() == np.float32(expected).tolist()


@pytest.mark.parametrize("sigma", [1.0, 2.0, 5.0])
def test_kinds_differ_by_little(sigma):
    image = np.random.default_rng(0).normal(size=(128, 128))
    recursive = log_of(image, sigma=sigma)
    sampled = log_of(image, sigma=sigma, kind="sampled", border="nearest")
    assert 0.005 < np.abs(recursive - sampled).max() / np.abs(sampled).max() < 0.015


@pytest.mark.parametrize("sigma", [0.7, 1.0, 3.0, 20.0])
def test_recursive_filters_keep_moments(sigma):
    """Smoothing keeps a constant; the second derivative of 1 is 0, of x² is 2."""
    point = np.zeros((1, 2001))
    point[0, 1000] = 1
    places = np.arange(2001) - 1000.0
    smooth, second = (run_along(point, 1, filter_)[0] for filter_ in gaussian_filters(sigma))
    np.testing.assert_allclose(smooth.sum(), 1, rtol=1e-11)
    np.testing.assert_allclose(second.sum(), 0, atol=1e-12)
    np.testing.assert_allclose(second @ places**2, 2, rtol=1e-9)
    np.testing.assert_allclose(smooth, smooth[::-1], rtol=0, atol=1e-15)
    if sigma >= 1:
        exact = np.exp(-(places**2) / (2 * sigma**2)) / (np.sqrt(2 * np.pi) * sigma)
        np.testing.assert_allclose(smooth, exact, rtol=0, atol=2e-3 / sigma)


@pytest.mark.parametrize(("kind", "least"), [("sampled", 0.75), ("recursive", 0.01)])
def test_too_narrow_gaussians_are_refused(kind, least):
    image = np.eye(5)
    log_of(image, (1.0, 2.0), sigma=2 * least, kind=kind)
    with pytest.raises(ValueError, match=rf"cannot be as narrow as {0.9 * least:g} pixels; {least} are"):
        log_of(image, (1.0, 2.0), sigma=1.8 * least, kind=kind)


def test_names():
    (made,) = parse_filters({"log": {"sigma": [1, 1.0, 0.5, 1e-5]}})
    assert made.prefixes(2) == [f"log_sigma_{width}_mm_3d" for width in ("1", "1_0", "0_5", "1e_05")]
    (made,) = parse_filters({"log": {"sigma": 2, "by_slice": True}})
    assert made.prefixes(3) == ["log_sigma_2_mm_2d"]
