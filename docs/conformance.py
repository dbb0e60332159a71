"""How the texture features agree with IBSI and pyradiomics: checks, and the page that lists them.

    uv run python -m docs.conformance [--images 200]

writes ``docs/conformance.md``. Needs ``../shared/data`` and pyradiomics (Python 3.11). The tests in
``tests/conformance`` run the same checks.
"""

from __future__ import annotations

import argparse
import csv
import logging
import platform
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import groupby
from pathlib import Path

import numpy as np
from scipy.ndimage import map_coordinates

from docs.ibsi_names import AGGREGATIONS, IBSI_NAMES
from feature_extractors.radiomics import Radiomics

ROOT = Path(__file__).parents[1]
DATA = ROOT / "../shared/data"
REFERENCE = DATA / "reference"
FAMILIES = ("first_order", "glcm", "glrlm", "glszm", "gldm", "ngtdm", "gldzm")


@dataclass(frozen=True)
class Check:
    """One value beside its reference.

    Attributes
    ----------
    source, case, feature : str
        Whose value it is, of what and under which settings, and its name (ours).
    ours, reference, tolerance : float
        The tolerance is absolute.
    """

    source: str
    case: str
    feature: str
    ours: float
    reference: float
    tolerance: float

    @property
    def passed(self) -> bool:
        """Whether the two agree."""
        return bool(abs(self.ours - self.reference) <= self.tolerance)

    @property
    def relative(self) -> float:
        """Relative difference; 0 where both are as good as 0."""
        if abs(self.reference) < 1e-12 and abs(self.ours) < 1e-12:
            return 0.0
        return abs(self.ours - self.reference) / max(abs(self.reference), 1e-300)


# --------------------------------------------------------------------------------------------- IBSI 1

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


CUBES = (2.0, 2.0, 2.0)
CONFIGURATIONS = {
    "a": Configuration("as it is, -500 to 400 HU, width 25", None, 1, (-500, 400), False, None, 25),
    "b": Configuration(
        "slices at 2 mm, bilinear, -500 to 400 HU, 32 bins", (0, 2, 2), 1, (-500, 400), False, 32, None
    ),
    "c": Configuration("2 mm, linear, -1000 to 400 HU, width 25", CUBES, 1, (-1000, 400), False, None, 25),
    "d": Configuration("2 mm, linear, 3 sigma, 32 bins", CUBES, 1, None, True, 32, None),
    "e": Configuration("2 mm, cubic, -1000 to 400 HU, 3 sigma", CUBES, 3, (-1000, 400), True, 32, None),
}  # fmt: skip


def read_volume(file: Path) -> tuple[np.ndarray, tuple[float, float, float]]:
    """Return a volume and its spacing in mm, both in the order slices, rows, columns."""
    import radiomics.featureextractor

    sitk = radiomics.featureextractor.sitk
    image = sitk.ReadImage(str(file))
    return sitk.GetArrayFromImage(image), tuple(image.GetSpacing()[::-1])


def digital_phantom() -> np.ma.MaskedArray:
    """Return the digital phantom of IBSI 1."""
    folder = REFERENCE / "ibsi1" / "ibsi_1_digital_phantom"
    image, _ = read_volume(folder / "phantom.nii.gz")
    mask, _ = read_volume(folder / "mask.nii.gz")
    return np.ma.MaskedArray(image.astype(float), mask == 0)


def ct_phantom(configuration: Configuration) -> np.ma.MaskedArray:
    """Return the lung CT of IBSI 1, prepared."""
    folder = REFERENCE / "ibsi1" / "ibsi_1_ct_radiomics_phantom"
    image, spacing = read_volume(folder / "phantom.nii.gz")
    mask, _ = read_volume(folder / "mask.nii.gz")
    image, inside = image.astype(float), mask > 0
    if configuration.spacing is not None:
        wanted = tuple(new or old for new, old in zip(configuration.spacing, spacing, strict=True))
        image = np.rint(resampled(image, spacing, wanted, configuration.order))
        # Single precision, in which a half is a half: 45,985 voxels then, as the consensus has.
        inside = resampled(inside.astype(float), spacing, wanted, 1).astype(np.float32) >= 0.5
    return np.ma.MaskedArray(image, ~inside)


def resampled(image: np.ndarray, spacing: Sequence[float], wanted: Sequence[float], order: int) -> np.ndarray:
    """Resample a volume on a grid whose centre is that of the old one (IBSI 1, section 2.4)."""
    old, new = np.array(spacing), np.array(wanted)
    shape = np.ceil(np.array(image.shape) * old / new).astype(int)
    axes = [
        (np.arange(n) - (n - 1) / 2) * step / before + (m - 1) / 2
        for n, m, step, before in zip(shape, image.shape, new, old, strict=True)
    ]
    return map_coordinates(image, np.meshgrid(*axes, indexing="ij"), order=order, mode="nearest")


def ibsi_checks(volume: np.ma.MaskedArray, table: str, case: str, **settings: object) -> Iterator[Check]:
    """Compare a volume with a table of consensus values."""
    known: dict[tuple[str, str], dict[str, float]] = {}
    with (REFERENCE / "ibsi1" / "reference_values" / f"{table}.csv").open() as stream:
        for value, tolerance, tag in list(csv.reader(stream, delimiter=";"))[1:]:
            match = TAG.fullmatch(tag)
            if not value or match is None or match["family"] not in IBSI_NAMES:
                continue
            family, names = IBSI_NAMES[match["family"]]
            if match["name"] not in names:
                continue
            how = AGGREGATIONS.get(match["how"] or "", ("join", "average"))
            if how not in known:
                known[how] = _features(volume, slices=how[0], directions=how[1], standard="ibsi", **settings)
            feature = f"{family}_{names[match['name']]}"
            allowed = max(float(tolerance), printed_precision(value))
            label = f"{case}, {(match['how'] or '3D').replace('_5D', '.5D').replace('_', ' ')}"
            yield Check("IBSI 1", label, feature, known[how][feature], float(value), allowed)


def printed_precision(value: str) -> float:
    """Return half a unit of the last of the three digits that IBSI prints.

    Examples
    --------
    >>> printed_precision("0.519"), printed_precision("1200")
    (0.0005, 5.0)
    """
    number = abs(float(value))
    return 0.5 * 10.0 ** (np.floor(np.log10(number)) - 2) * (1 + 1e-9) if number else 5e-4


def _features(volume: np.ndarray, **settings: object) -> dict[str, float]:
    extractor = Radiomics(families=settings.pop("families", FAMILIES), **settings).fit([volume])
    return dict(
        zip(extractor.get_feature_names_out(), extractor.transform([volume])[0].tolist(), strict=True)
    )


def ibsi_phantom_checks() -> list[Check]:
    """Compare the digital phantom with its consensus values."""
    return list(ibsi_checks(digital_phantom(), "ibsi_1_dig_phantom", "digital phantom", levels=None))


def ibsi_ct_checks(letters: str = "abcde") -> list[Check]:
    """Compare the lung CT with the consensus values of its configurations."""
    checks: list[Check] = []
    for letter in letters:
        configuration = CONFIGURATIONS[letter]
        checks += ibsi_checks(
            ct_phantom(configuration),
            f"ibsi_1_chest_config_{letter}",
            f"CT {letter}",
            levels=configuration.levels,
            bin_width=configuration.bin_width,
            resegment_range=configuration.interval,
            outliers=3.0 if configuration.outliers else None,
        )
    return checks


# ---------------------------------------------------------------------------------------- pyradiomics

LIBRARY_CLASSES = {"first_order": "firstorder"} | {name: name for name in FAMILIES[1:6]}
BASELINES = {  # case → our settings; the rest is done to the image by the library itself
    "": {"bin_width": 25.0, "voxel_array_shift": 2000},
    "_2d": {"bin_width": 25.0, "slices": "merge"},
    "_FBN": {"levels": 64},
    "_combined": {"bin_width": 25.0, "directions": "merge"},
    "_flatRegion": {"bin_width": 5000.0},
    "_normalization": {"bin_width": 5.0},
    "_resampling": {"bin_width": 25.0},
    "_resegmentation": {"bin_width": 25.0},
}


def baseline_checks(images: Sequence[str] = ("brain1", "brain2", "breast1")) -> list[Check]:
    """Compare with the baselines that pyradiomics keeps for its own tests."""
    checks: list[Check] = []
    for family, name in LIBRARY_CLASSES.items():
        rows = _baseline(name)
        for image in images:
            for case, settings in BASELINES.items():
                column = f"{image}{case}"
                if column not in rows["diagnostics_Configuration_Settings"]:
                    continue  # this family has no such baseline
                volume, spacing = prepared_by_library(image, eval_settings(rows, column))
                ours = _features(volume, families=(family,), spacing=spacing, **settings)
                checks += _compared(rows, column, name, family, ours)
    return checks


def _compared(
    rows: dict[str, dict[str, str]], column: str, name: str, family: str, ours: dict[str, float]
) -> Iterator[Check]:
    for row, values in rows.items():
        prefix = f"original_{name}_"
        if row.startswith(prefix) and values[column]:
            feature = f"{family}_{snake_case(row.removeprefix(prefix))}"
            reference = float(values[column])
            if feature in ours and np.isfinite(reference):
                tolerance = max(1e-6 * abs(reference), 1e-9)
                yield Check("pyradiomics' baseline", column, feature, ours[feature], reference, tolerance)


def _baseline(name: str) -> dict[str, dict[str, str]]:
    with (REFERENCE / "pyradiomics" / "baseline" / f"baseline_{name}.csv").open() as stream:
        return {row["featureName"]: row for row in csv.DictReader(stream)}


def snake_case(name: str) -> str:
    """Return a name of pyradiomics as ours.

    Examples
    --------
    >>> snake_case("JointEnergy"), snake_case("10Percentile"), snake_case("Imc1")
    ('joint_energy', '10_percentile', 'imc1')
    """
    from feature_extractors.pyradiomics import _snake_case

    return _snake_case(name)


def eval_settings(rows: dict[str, dict[str, str]], column: str) -> dict[str, object]:
    """Return the settings that a baseline was computed with."""
    import ast

    return ast.literal_eval(rows["diagnostics_Configuration_Settings"][column])


def prepared_by_library(name: str, settings: dict[str, object]) -> tuple[np.ma.MaskedArray, list[float]]:
    """Normalise, resample and re-segment an image as pyradiomics does, by its own functions."""
    from radiomics import featureextractor, imageoperations

    logging.getLogger("radiomics").setLevel(logging.ERROR)
    sitk = featureextractor.sitk
    folder = REFERENCE / "pyradiomics"
    image, mask = (sitk.ReadImage(str(folder / f"{name}_{part}.nrrd")) for part in ("image", "label"))
    mask = sitk.Cast(mask, sitk.sitkUInt32)
    if settings.get("normalize"):
        image = imageoperations.normalizeImage(image, **settings)
    if settings.get("resampledPixelSpacing") is not None:
        image, mask = imageoperations.resampleImage(image, mask, **settings)
    box, corrected = imageoperations.checkMask(image, mask, **settings)
    mask = mask if corrected is None else corrected
    image, mask = imageoperations.cropToTumorMask(image, mask, box)
    if settings.get("resegmentRange") is not None:
        mask = imageoperations.resegmentMask(image, mask, **settings)
    inside = sitk.GetArrayFromImage(mask) == 1
    return np.ma.MaskedArray(sitk.GetArrayFromImage(image), ~inside), list(image.GetSpacing()[::-1])


LIVE_SETTINGS: tuple[tuple[dict[str, object], dict[str, object]], ...] = (
    ({"levels": 32}, {"binCount": 32}),
    ({"levels": 8}, {"binCount": 8}),
    ({"levels": 128}, {"binCount": 128}),
    ({"bin_width": 25.0}, {"binWidth": 25.0}),
    ({"bin_width": 3.5}, {"binWidth": 3.5}),
)


def real_images(number: int) -> Iterator[tuple[str, np.ma.MaskedArray]]:
    """Yield radiographs and CT slices, each with a random mask of its own seed: blobs with holes."""
    from scipy.ndimage import gaussian_filter
    from skimage.io import imread
    from skimage.transform import resize

    files = sorted((DATA / "cxr").glob("*/*.*g")) + sorted((DATA / "ct").glob("*/*.*g"))
    for k, index in enumerate(np.linspace(0, len(files) - 1, number).astype(int)):
        random = np.random.default_rng(k)
        side = tuple(random.integers(48, 160, 2))
        image = resize(imread(files[index], as_gray=True).astype(float), side, anti_aliasing=True)
        image = np.rint(255 * image / image.max()) if k % 2 else 255 * image / image.max()
        noise = gaussian_filter(random.normal(size=side), random.uniform(0, 8))
        outside = (noise < np.quantile(noise, random.uniform(0.05, 0.7))) | (random.random(side) < 0.02)
        yield files[index].relative_to(DATA).as_posix(), np.ma.MaskedArray(image, outside)


def live_checks(number: int = 200) -> Iterator[Check]:
    """Compare with the installed pyradiomics on real images, the settings taken in turn."""
    from feature_extractors.pyradiomics import Pyradiomics

    classes = list(LIBRARY_CLASSES.values())
    for k, (name, image) in enumerate(real_images(number)):
        ours_settings, settings = LIVE_SETTINGS[k % len(LIVE_SETTINGS)]
        library = Pyradiomics(feature_classes=classes, settings=settings).fit([image])
        theirs = library.transform([image])[0]
        ours = _features(image, families=FAMILIES[:6], **ours_settings)
        case = ", ".join(f"{key} {value}" for key, value in ours_settings.items())
        for full_name, reference in zip(library.get_feature_names_out(), theirs.tolist(), strict=True):
            feature = full_name.removeprefix("original_")
            tolerance = max((1e-8 if feature == "glcm_mcc" else 1e-9) * abs(reference), 1e-11)
            yield Check(f"pyradiomics on {name}", case, feature, ours[feature], reference, tolerance)


# -------------------------------------------------------------------------------------------- the page


def write_page(number: int) -> None:
    """Run all checks and write ``docs/conformance.md``."""
    from suite.environment import describe_environment

    facts = describe_environment()
    parts = {
        "IBSI 1, digital phantom": ibsi_phantom_checks(),
        "IBSI 1, CT of a lung tumour": ibsi_ct_checks(),
        "pyradiomics' own baselines": baseline_checks(),
    }
    live = list(live_checks(number))
    lines = [
        "# Conformance of the texture features",
        "",
        "Written by `docs/conformance.py`; not edited by hand."
        f" {facts['processor']}, Python {platform.python_version()}, numpy {version('numpy')},"
        f" pyradiomics {version('pyradiomics')}.",
        "",
        "| reference | values | agree | largest relative difference |",
        "|---|---:|---:|---:|",
    ]
    for title, checks in [*parts.items(), (f"installed pyradiomics, {number} real images", live)]:
        agree, worst = sum(c.passed for c in checks), max(c.relative for c in checks)
        lines.append(f"| {title} | {len(checks)} | {agree} | {worst:.1e} |")
    lines += ["", *INTRODUCTION, ""]
    for title, checks in parts.items():
        lines += [f"## {title}", "", *_tables(checks)]
    lines += [f"## Installed pyradiomics on {number} real images", "", *_summary(live)]
    (ROOT / "docs" / "conformance.md").write_text("\n".join(lines).rstrip() + "\n")


INTRODUCTION = (
    "Tolerances: of IBSI, that of the consensus, or where it is 0 half a unit of the last digit printed;"
    " of pyradiomics' baselines, 1e-6 relative; of the installed pyradiomics, 1e-9 relative (1e-11 where the"
    " value itself is near 0), but for `glcm_mcc` 1e-8: there pyradiomics adds 2.2e-16 to products of"
    " marginal probabilities, which is 1e-8 of the rarest, and we do not; without it the formula gives our"
    " value to 1e-15.",
    "",
    "2D, 2.5D and 3D are `slices: average`, `merge` and `join`; avg and comb are `directions: average` and"
    " `merge`. The CT is prepared by the script: a resampling, a range and a filter of outliers as IBSI's"
    " configurations a to e say. The images of pyradiomics' baselines are normalised, resampled and"
    " re-segmented by its own functions. Images of which the reference is not at hand (lung1, lung2) are"
    " left out.",
)


def _tables(checks: Sequence[Check]) -> Iterator[str]:
    for case, members in groupby(sorted(checks, key=lambda c: (c.case, c.feature)), key=lambda c: c.case):
        yield from (
            f"### {case}",
            "",
            "| feature | ours | reference | tolerance | |",
            "|---|---:|---:|---:|---|",
        )
        for c in members:
            mark = "yes" if c.passed else "**no**"
            yield f"| {c.feature} | {c.ours:.9g} | {c.reference:.9g} | {c.tolerance:.1g} | {mark} |"
        yield ""


def _summary(checks: Sequence[Check]) -> Iterator[str]:
    yield from (
        "| settings | family | values | agree | largest relative difference |",
        "|---|---|---:|---:|---:|",
    )

    def place(c: Check) -> tuple[str, str]:
        return c.case, next(f for f in FAMILIES if c.feature.startswith(f"{f}_"))

    for (case, family), members in groupby(sorted(checks, key=place), key=place):
        listed = list(members)
        worst = max(c.relative for c in listed)
        yield f"| {case} | {family} | {len(listed)} | {sum(c.passed for c in listed)} | {worst:.1e} |"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=200, help="real images to compare on")
    write_page(parser.parse_args().images)
