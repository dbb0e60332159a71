"""Our features beside those of pyradiomics: its own baselines, and the installed library."""

from __future__ import annotations

import ast
import csv
from collections.abc import Iterator, Sequence

import numpy as np

from docs.conformance_checks import DATA, REFERENCE, Check, features_of, read_volume
from feature_extractors._radiomics.batch import make_batch
from feature_extractors._radiomics.cooccurrence import cooccurrence_matrices
from feature_extractors._radiomics.directions import offsets_at
from feature_extractors._radiomics.gray_levels import discretise
from feature_extractors._radiomics.neighbourhoods import dependence_matrices, tone_differences
from feature_extractors._radiomics.runs import run_length_matrices
from feature_extractors._radiomics.zones import find_zones, size_zone_matrices

__all__ = [
    "IMAGES",
    "OF_AN_OLDER_VERSION",
    "baseline_checks",
    "image_of",
    "live_checks",
    "matrix_differences",
    "volume_checks",
]

IMAGES = ("brain1", "brain2", "breast1")
# The baseline of this image is of pyradiomics 2.0.1; 3.0.1 has another mesh, and computes our values.
OF_AN_OLDER_VERSION = {
    ("brain1", f"shape_{name}")
    for name in ("mesh_volume", "sphericity", "surface_area", "surface_volume_ratio")
}
LIBRARY_CLASSES = {
    "shape": "shape",
    "first_order": "firstorder",
    "glcm": "glcm",
    "glrlm": "glrlm",
    "glszm": "glszm",
    "gldm": "gldm",
    "ngtdm": "ngtdm",
}


def baseline_checks(images: Sequence[str] = IMAGES) -> list[Check]:
    """Compare with the baselines that pyradiomics keeps for its own tests."""
    checks: list[Check] = []
    for family, name in LIBRARY_CLASSES.items():
        rows = _baseline(name)
        for column in rows["diagnostics_Configuration_Settings"]:
            image = column.split("_")[0]
            if image in images:
                settings = settings_of(rows, column)
                volume, spacing = image_of(image)
                ours = features_of(volume, families=(family,), spacing=spacing, **our_settings(settings))
                checks += _compared(rows, column, f"original_{name}_", family, ours)
    for image in images:
        checks += _plane_checks(image)
    return checks


def _plane_checks(name: str) -> Iterator[Check]:
    """Compare the shape in a plane: of the slice that the baseline was computed of."""
    rows = _baseline("shape2D")
    column = f"{name}_shape2D"
    volume, spacing = image_of(name)
    place = ast.literal_eval(rows["diagnostics_Mask-corrected_BoundingBox"][column])[2]
    ours = features_of(volume[place], families=("shape2d",), spacing=spacing[1:])
    yield from _compared(rows, column, "original_shape2D_", "shape2d", ours)


def _compared(
    rows: dict[str, dict[str, str]], column: str, prefix: str, family: str, ours: dict[str, float]
) -> Iterator[Check]:
    for row, values in rows.items():
        if row.startswith(prefix):
            feature = f"{family}_{snake_case(row.removeprefix(prefix))}"
            reference = float(values[column])
            tolerance = max(1e-6 * abs(reference), 1e-9)
            yield Check("pyradiomics' baseline", column, feature, ours[feature], reference, tolerance, row)


def our_settings(settings: dict[str, object]) -> dict[str, object]:
    """Return settings of pyradiomics as ours.

    Examples
    --------
    >>> our_settings({"force2D": True, "binCount": 64})["slices"]
    'merge'
    >>> our_settings({"force2D": False})["bin_width"]
    25.0
    """
    by_number = settings.get("binCount") is not None
    limits, resampled = settings.get("resegmentRange"), settings.get("resampledPixelSpacing")
    by_sigma = limits is not None and settings.get("resegmentMode") == "sigma"
    return {
        "levels": settings["binCount"] if by_number else None,
        "bin_width": None if by_number else float(settings.get("binWidth", 25)),
        "slices": "merge" if settings["force2D"] else "join",
        "directions": "average" if settings.get("weightingNorm") is None else "merge",
        "voxel_array_shift": settings.get("voxelArrayShift", 0),
        "normalize": settings["normalizeScale"] if settings.get("normalize") else None,
        "new_spacing": resampled[::-1] if resampled else None,
        "resegment_range": None if by_sigma or limits is None else [*limits, None][:2],
        "outliers": limits[1] if by_sigma else None,
    }


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


def settings_of(rows: dict[str, dict[str, str]], column: str) -> dict[str, object]:
    """Return the settings that a baseline was computed with."""
    return ast.literal_eval(rows["diagnostics_Configuration_Settings"][column])


def image_of(name: str) -> tuple[np.ma.MaskedArray, Sequence[float]]:
    """Return an image of pyradiomics' with its region, and its spacing in mm."""
    image, spacing = read_volume(REFERENCE / "pyradiomics" / f"{name}_image.nrrd")
    outside = read_volume(REFERENCE / "pyradiomics" / f"{name}_label.nrrd")[0] != 1
    return np.ma.MaskedArray(image, outside), spacing


def matrices_of(name: str) -> dict[str, np.ndarray]:
    """Return the matrices of an image as pyradiomics' baselines have them: without what does not occur."""
    volume, _ = image_of(name)
    gray = discretise(make_batch([volume]), levels=None, bin_width=25.0, deep=True)
    offsets, levels = offsets_at([1], deep=True), gray.n_present[0]
    pairs, runs = cooccurrence_matrices(gray, offsets), run_length_matrices(gray, offsets)
    zones, near = size_zone_matrices(find_zones(gray), gray), dependence_matrices(gray, offsets)
    tones = tone_differences(gray, offsets)
    counts = np.stack([pairs.dense(k, levels) for k in range(len(pairs))], axis=-1)
    lengths = [runs.dense(k, runs.columns.max() + 1) for k in range(len(runs))]
    return {
        "glcm": counts / counts.sum(axis=(0, 1)),
        "glrlm": _occurring(np.stack(lengths, axis=-1)),
        "glszm": _occurring(zones.dense(0, zones.columns.max() + 1)),
        "gldm": _occurring(near.dense(0, near.columns.max() + 1)),
        "ngtdm": np.column_stack([tones.counts, tones.sums, tones.present]),
    }


def _occurring(table: np.ndarray) -> np.ndarray:
    return table[:, table.any(axis=(0, 2)[: table.ndim - 1])]


def matrix_differences(name: str) -> dict[str, float]:
    """Largest difference of each matrix from pyradiomics' baseline; inf where shapes differ.

    GLCM and GLRLM have one for each direction; they are compared in the order of their entries.
    """
    differences = {}
    for family, ours in matrices_of(name).items():
        theirs = np.load(REFERENCE / "pyradiomics" / "baseline" / f"{name}_{family}.npy")
        same = ours.shape == theirs.shape
        differences[family] = float(np.abs(_sorted(ours) - _sorted(theirs)).max()) if same else np.inf
    return differences


def _sorted(table: np.ndarray) -> np.ndarray:
    """Put directions, if a table has them, in an order that is the same for all who count alike."""
    flat = table.reshape(-1, table.shape[-1])
    return flat[:, np.lexsort(flat)] if table.ndim == 3 else flat


LIVE_SETTINGS: tuple[tuple[dict[str, object], dict[str, object]], ...] = (
    ({"levels": 32}, {"binCount": 32}),
    ({"levels": 8}, {"binCount": 8}),
    ({"levels": 128}, {"binCount": 128}),
    ({"bin_width": 25.0}, {"binWidth": 25.0}),
    ({"bin_width": 3.5}, {"binWidth": 3.5}),
)


VOLUME_SETTINGS: tuple[tuple[dict[str, object], dict[str, object]], ...] = (
    ({"levels": 32}, {"binCount": 32}),
    ({"levels": 64, "distances": [1, 2]}, {"binCount": 64, "distances": [1, 2]}),
    ({"levels": 16, "alpha": 1}, {"binCount": 16, "gldm_a": 1}),
    ({"levels": 24, "symmetric": False}, {"binCount": 24, "symmetricalGLCM": False}),
    ({"levels": 32, "directions": "merge"}, {"binCount": 32, "weightingNorm": "no_weighting"}),
    ({"levels": 32, "slices": "merge"}, {"binCount": 32, "force2D": True, "force2Ddimension": 0}),
    ({"bin_width": 10.0, "voxel_array_shift": 500}, {"binWidth": 10.0, "voxelArrayShift": 500}),
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
    for k, (name, image) in enumerate(real_images(number)):
        yield from _live(f"pyradiomics on {name}", image, *LIVE_SETTINGS[k % len(LIVE_SETTINGS)])


def _live(
    source: str, image: np.ma.MaskedArray, our_own: dict[str, object], settings: dict[str, object]
) -> Iterator[Check]:
    from feature_extractors.pyradiomics import Pyradiomics

    shape = ("shape2d", "shape2D") if image.ndim == 2 else ("shape", "shape")
    classes = LIBRARY_CLASSES | {"shape": shape[1]}
    library = Pyradiomics(feature_classes=list(classes.values()), settings=settings).fit([image])
    theirs = library.transform([image])[0]
    ours = features_of(image, families=(shape[0], *list(LIBRARY_CLASSES)[1:]), **our_own)
    case = ", ".join(f"{key} {value}" for key, value in our_own.items())
    for full_name, reference in zip(library.get_feature_names_out(), theirs.tolist(), strict=True):
        feature = full_name.removeprefix("original_").replace("shape_2d", "shape2d")
        tolerance = max((1e-8 if feature == "glcm_mcc" else 1e-9) * abs(reference), 1e-11)
        yield Check(source, case, feature, ours[feature], reference, tolerance, full_name)


def volume_checks(number: int = 70) -> Iterator[Check]:
    """Compare with the installed pyradiomics on boxes cut out of its own volumes, with random masks."""
    from scipy.ndimage import gaussian_filter

    volumes = [read_volume(REFERENCE / "pyradiomics" / f"{name}_image.nrrd")[0] for name in IMAGES]
    for k in range(number):
        random = np.random.default_rng(k)
        volume = volumes[k % len(volumes)]
        shape = [int(random.integers(6, min(n, 25))) for n in volume.shape]
        starts = [int(random.integers(n - m + 1)) for n, m in zip(volume.shape, shape, strict=True)]
        box = volume[tuple(slice(a, a + m) for a, m in zip(starts, shape, strict=True))]
        noise = gaussian_filter(random.normal(size=shape), random.uniform(0, 3))
        outside = noise < np.quantile(noise, random.uniform(0.05, 0.7))
        source = f"pyradiomics on a box of {IMAGES[k % len(volumes)]} at {starts}, {shape}"
        yield from _live(source, np.ma.MaskedArray(box, outside), *VOLUME_SETTINGS[k % len(VOLUME_SETTINGS)])
