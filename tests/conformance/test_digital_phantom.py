"""Every consensus value of IBSI's digital phantom whose family is here."""

import importlib.util
from collections import Counter

import pytest

from docs.conformance_checks import FAMILIES, REFERENCE
from docs.conformance_ibsi import consensus, digital_phantom, feature_of, ibsi_checks, printed_precision
from feature_extractors.radiomics import Radiomics

needs_references = pytest.mark.skipif(
    not REFERENCE.is_dir() or importlib.util.find_spec("radiomics") is None,
    reason="needs ../shared/data, and pyradiomics to read NIfTI, which builds on Python 3.11 only",
)


@pytest.fixture(scope="module")
def rows():
    return consensus("ibsi_1_dig_phantom")


@pytest.fixture(scope="module")
def phantom():
    return digital_phantom()


@needs_references
@pytest.mark.parametrize(
    ("family", "number"),
    [
        ("shape", 23), ("first_order", 18), ("glcm", 150), ("glrlm", 96), ("glszm", 48), ("gldzm", 48),
        ("gldm", 51), ("ngtdm", 15), ("intensity_histogram", 23), ("intensity_volume_histogram", 6),
        ("local_intensity", 2),
    ],
)  # fmt: skip
def test_consensus_values(phantom, rows, family, number):
    chosen = [row for row in rows if (feature_of(row[2]) or ("",))[0].startswith(f"{family}_")]
    settings = {"levels": None, "ivh_levels": None, "spacing": (2, 2, 2)}
    checks = list(ibsi_checks(phantom, chosen, "digital phantom", families=(family,), **settings))
    assert [f"{c.case} {c.tag}: {c.ours!r}, not {c.reference!r}" for c in checks if not c.passed] == []
    assert len(checks) == number


@needs_references
def test_what_is_not_compared(rows):
    families = Counter(tag.split("_")[0] for _, _, tag in rows if feature_of(tag) is None)
    assert families == {"morph": 6, "ivh": 1}
    assert len(rows) == 487


@needs_references
def test_every_ibsi_feature_is_compared_with_some_value(phantom, rows):
    """All but those that IBSI does not have: the maximal correlation coefficient."""
    compared = {named[0] for _, _, tag in rows if (named := feature_of(tag))}
    names = Radiomics(families=FAMILIES, levels=None, standard="ibsi").fit([phantom]).feature_names_out_
    assert set(names) - compared == {"glcm_mcc"}


@needs_references
def test_a_value_that_is_off_by_one_printed_digit_fails(phantom, rows):
    value, _, tag = next(row for row in rows if row[2] == "cm_joint_max_3D_avg")
    for step, agrees in ((0.0, True), (0.001, False), (-0.001, False)):
        (check,) = ibsi_checks(phantom, [(f"{float(value) + step:.3f}", "0", tag)], "", levels=None)
        assert check.passed is agrees


def test_a_tag_without_a_feature_is_no_silent_omission():
    with pytest.raises(KeyError, match="unheard_of"):
        feature_of("cm_unheard_of_3D_avg")


@pytest.mark.parametrize(
    ("value", "half"), [("2.15", 0.005), ("-0.355", 0.0005), ("10300", 50.0), ("367", 0.5), ("3065", 0.5)]
)
def test_half_of_the_last_printed_digit(value, half):
    assert printed_precision(value) == half
