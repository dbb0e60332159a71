"""The checks of docs/conformance.py: IBSI's consensus values, pyradiomics' baselines, pyradiomics itself."""

import importlib.util

import pytest

from docs.conformance_checks import REFERENCE, Check
from docs.conformance_ibsi import ibsi_ct_checks, ibsi_preparation_checks
from docs.conformance_pyradiomics import (
    IMAGES,
    baseline_checks,
    live_checks,
    matrix_differences,
    volume_checks,
)

needs_references = pytest.mark.skipif(
    not REFERENCE.is_dir(), reason="the references of ../shared/data are not here"
)
needs_pyradiomics = pytest.mark.skipif(
    importlib.util.find_spec("radiomics") is None,
    reason="pyradiomics 3.0.1 builds on Python 3.11 only; there these comparisons run",
)


def failed(checks):
    return [f"{c.case} {c.feature}: {c.ours!r}, not {c.reference!r}" for c in checks if not c.passed]


@needs_references
@needs_pyradiomics
@pytest.mark.parametrize(("letter", "number"), [("a", 290), ("b", 290), ("c", 154), ("d", 154), ("e", 154)])
def test_ct_of_ibsi(letter, number):
    checks = ibsi_ct_checks(letter)
    assert failed(checks) == []
    assert len(checks) == number


@needs_references
@needs_pyradiomics
def test_preparation_of_the_ct_of_ibsi():
    checks = ibsi_preparation_checks()
    assert failed(checks) == []
    assert len(checks) == 5 * 60


@needs_references
@needs_pyradiomics
@pytest.mark.parametrize("image", IMAGES)
def test_baselines_of_pyradiomics(image):
    checks = baseline_checks([image])
    assert failed(checks) == []
    assert len(checks) == 637


@needs_references
@needs_pyradiomics
@pytest.mark.parametrize("image", IMAGES)
def test_matrices_of_pyradiomics(image):
    differences = matrix_differences(image)
    assert differences.pop("ngtdm") < 1e-12  # sums of differences, added up in another order
    assert differences == {"glcm": 0, "glrlm": 0, "glszm": 0, "gldm": 0}


@needs_references
@needs_pyradiomics
def test_real_images_with_random_masks():
    checks = list(live_checks(20))
    assert failed(checks) == []
    assert len(checks) == 20 * 93


@needs_references
@needs_pyradiomics
def test_volumes_with_random_masks():
    checks = list(volume_checks(21))
    assert failed(checks) == []
    assert len(checks) == 21 * 93


def test_a_check_that_is_off_fails():
    assert not Check("", "", "", 1.0, 1.1, 0.09).passed
    assert Check("", "", "", 1.0, 1.1, 0.11).passed
