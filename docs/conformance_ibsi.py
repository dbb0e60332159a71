"""Our features beside the consensus values of IBSI 1: digital phantom and CT of a lung tumour."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from docs.conformance_checks import REFERENCE, Check, features_of, read_volume
from docs.ibsi_names import AGGREGATIONS, IBSI_NAMES, NOT_HERE
from feature_extractors._radiomics.region import resampled, resegmented, without_outliers

__all__ = [
    "consensus",
    "digital_phantom",
    "feature_of",
    "ibsi_checks",
    "ibsi_ct_checks",
    "ibsi_phantom_checks",
    "ibsi_preparation_checks",
]

TAG = re.compile(r"(?P<family>[a-z]+)_(?P<name>\w+?)(?:_(?P<how>2D|2_5D|3D|(?:2D|2_5D|3D)_(?:avg|comb)))?")


@dataclass(frozen=True)
class Configuration:
    """How IBSI 1 prepares the CT of its second phase."""

    title: str
    spacing: tuple[float, float, float] | None  # mm: slices, rows, columns; None: not resampled
    order: int
    interval: tuple[float, float] | None
    outliers: bool
    levels: int | None
    bin_width: float | None
    ivh_levels: int | None = None
    ivh_bin_width: float | None = None


CUBES = (2.0, 2.0, 2.0)
CONFIGURATIONS = {
    "a": Configuration("as it is, -500 to 400 HU, width 25", None, 1, (-500, 400), False, None, 25),
    "b": Configuration(
        "slices at 2 mm, bilinear, -500 to 400 HU, 32 bins", (0, 2, 2), 1, (-500, 400), False, 32, None
    ),
    "c": Configuration(
        "2 mm, linear, -1000 to 400 HU, width 25", CUBES, 1, (-1000, 400), False, None, 25, None, 2.5
    ),
    "d": Configuration("2 mm, linear, 3 sigma, 32 bins", CUBES, 1, None, True, 32, None),
    "e": Configuration("2 mm, cubic, -1000 to 400 HU, 3 sigma", CUBES, 3, (-1000, 400), True, 32, None, 1000),
}  # fmt: skip


def digital_phantom() -> np.ma.MaskedArray:
    """Return the digital phantom of IBSI 1."""
    folder = REFERENCE / "ibsi1" / "ibsi_1_digital_phantom"
    image, _ = read_volume(folder / "phantom.nii.gz")
    mask, _ = read_volume(folder / "mask.nii.gz")
    return np.ma.MaskedArray(image.astype(float), mask == 0)


def ct_phantom() -> tuple[np.ma.MaskedArray, tuple[float, float, float]]:
    """Return the lung CT of IBSI 1, as it is, and its spacing in mm."""
    folder = REFERENCE / "ibsi1" / "ibsi_1_ct_radiomics_phantom"
    image, spacing = read_volume(folder / "phantom.nii.gz")
    mask, _ = read_volume(folder / "mask.nii.gz")
    return np.ma.MaskedArray(image.astype(float), mask == 0), spacing


def on_new_grid(
    volume: np.ma.MaskedArray, spacing: Sequence[float], configuration: Configuration
) -> np.ma.MaskedArray:
    """Resample the CT as a configuration says; CT numbers are whole ones."""
    if configuration.spacing is None:
        return volume
    made = resampled(volume, spacing, configuration.spacing, configuration.order)
    return np.ma.MaskedArray(np.rint(made.data), made.mask)


def consensus(table: str) -> list[tuple[str, str, str]]:
    """Return the rows of a table of IBSI's: value, tolerance, tag."""
    with (REFERENCE / "ibsi1" / "reference_values" / f"{table}.csv").open() as stream:
        return [
            (value, tolerance, tag) for value, tolerance, tag in list(csv.reader(stream, delimiter=";"))[1:]
        ]


def feature_of(tag: str) -> tuple[str, str] | None:
    """Return our name of a tag, and its aggregation; None if it is not of a family that is here.

    Raises
    ------
    KeyError
        If the family is here and has no such feature.

    Examples
    --------
    >>> feature_of("cm_joint_max_2_5D_avg"), feature_of("stat_mean"), feature_of("ivh_auc")
    (('glcm_maximum_probability', '2_5D_avg'), ('first_order_mean', '3D'), None)
    """
    match = TAG.fullmatch(tag)
    if match is None or match["family"] not in IBSI_NAMES or tag in NOT_HERE or "_mask_" in tag:
        return None
    family, names = IBSI_NAMES[match["family"]]
    return f"{family}_{names[match['name']]}", match["how"] or "3D"


def ibsi_checks(
    volume: np.ma.MaskedArray, rows: Sequence[tuple[str, str, str]], case: str, **settings: object
) -> Iterator[Check]:
    """Compare a volume with consensus values: of every tag whose family is here."""
    known: dict[str, dict[str, float]] = {}
    for value, tolerance, tag in rows:
        named = feature_of(tag)
        if named is None:
            continue
        feature, how = named
        if how not in known:
            slices, directions = AGGREGATIONS[how]
            known[how] = features_of(
                volume, slices=slices, directions=directions, standard="ibsi", **settings
            )
        label = f"{case}, {how.replace('_5D', '.5D').replace('_', ' ')}"
        allowed = float(tolerance) or printed_precision(value)
        yield Check("IBSI 1", label, feature, known[how][feature], float(value), allowed, tag)


def printed_precision(value: str) -> float:
    """Return half a unit of the last digit of a value, of which IBSI prints three (of counts, all).

    Examples
    --------
    >>> [printed_precision(value) for value in ("0.519", "1200", "125256", "0")]
    [0.0005, 5.0, 0.5, 0.0005]
    """
    digits = len(value.lstrip("-0.").replace(".", "").rstrip("0"))
    number = abs(float(value))
    unit = np.floor(np.log10(number)) + 1 - max(digits, 3) if number else -3
    return float(f"{0.5 * 10.0**unit:.3g}")


def ibsi_phantom_checks() -> list[Check]:
    """Compare the digital phantom with its consensus values."""
    return list(
        ibsi_checks(
            digital_phantom(),
            consensus("ibsi_1_dig_phantom"),
            "digital phantom",
            levels=None,
            ivh_levels=None,
            spacing=(2.0, 2.0, 2.0),
        )
    )


def ibsi_ct_checks(letters: str = "abcde") -> list[Check]:
    """Compare the lung CT with the consensus values of its configurations."""
    checks: list[Check] = []
    original, spacing = ct_phantom()
    for letter in letters:
        configuration = CONFIGURATIONS[letter]
        checks += ibsi_checks(
            on_new_grid(original, spacing, configuration),
            consensus(f"ibsi_1_chest_config_{letter}"),
            f"CT {letter}",
            spacing=[n or o for n, o in zip(configuration.spacing or spacing, spacing, strict=True)],
            levels=configuration.levels,
            bin_width=configuration.bin_width,
            ivh_levels=configuration.ivh_levels,
            ivh_bin_width=configuration.ivh_bin_width,
            resegment_range=configuration.interval,
            outliers=3.0 if configuration.outliers else None,
        )
    return checks


def ibsi_preparation_checks(letters: str = "abcde") -> list[Check]:
    """Compare the lung CT itself: as read, resampled and re-segmented (sizes, counts and CT numbers)."""
    checks: list[Check] = []
    original, spacing = ct_phantom()
    for letter in letters:
        configuration = CONFIGURATIONS[letter]
        volume = on_new_grid(original, spacing, configuration)
        chosen = volume if configuration.interval is None else resegmented(volume, *configuration.interval)
        chosen = without_outliers(chosen, 3.0) if configuration.outliers else chosen
        new_spacing = [n or o for n, o in zip(configuration.spacing or spacing, spacing, strict=True)]
        facts = (
            _facts("init", original, original, spacing)
            | _facts("interp", volume, volume, new_spacing)
            | _facts("reseg", chosen, volume, new_spacing)
        )
        for value, tolerance, tag in consensus(f"ibsi_1_chest_config_{letter}"):
            if tag in facts and value:
                allowed = float(tolerance) or printed_precision(value)
                checks.append(Check("IBSI 1", f"CT {letter}", tag, facts[tag], float(value), allowed, tag))
    return checks


def _facts(
    stage: str, volume: np.ma.MaskedArray, body: np.ma.MaskedArray, spacing: Sequence[float]
) -> dict[str, float]:
    """Describe an image and its regions by IBSI's tags; `body` has the morphological mask."""
    facts = _ranges(volume.data, f"{stage}_img")
    for axis, name in enumerate("zyx"):
        facts[f"img_dim_{name}_{stage}_img"] = facts[f"int_mask_dim_{name}_{stage}_roi"] = volume.shape[axis]
        facts[f"vox_dim_{name}_{stage}_img"] = spacing[axis]
    for kind, masked in (("int", volume), ("morph", body)):
        places = np.nonzero(~np.ma.getmaskarray(masked))
        facts[f"{kind}_mask_vox_count_{stage}_roi"] = places[0].size
        for place, name in zip(places, "zyx", strict=True):
            facts[f"{kind}_mask_bb_dim_{name}_{stage}_roi"] = int(np.ptp(place)) + 1
    inside = _ranges(volume.compressed(), f"{stage}_roi")
    return facts | {f"int_mask_{tag}": value for tag, value in inside.items()}


def _ranges(values: np.ndarray, place: str) -> dict[str, float]:
    statistics = {"mean": values.mean(), "min": values.min(), "max": values.max()}
    return {f"{name}_int_{place}": float(value) for name, value in statistics.items()}
