"""Our wavelet filters beside the response maps of IBSI 2."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from docs.conformance_checks import REFERENCE
from feature_extractors._filters import parse_filters

__all__ = ["RESPONSE_MAPS", "compared_maps", "response_maps"]

IBSI_2 = REFERENCE / "ibsi2"
_DB2 = {"name": "db2", "bands": ["LHL"], "border": "zero"}
_COIF1 = {"name": "coif1", "bands": ["HHL"], "border": "periodic"}
_HAAR = {"name": "haar", "level": 2, "rotation_invariant": True}
RESPONSE_MAPS = {
    "5A1": ("impulse", {"wavelet": {"standard": "ibsi", **_DB2}}),
    "5A2": ("impulse", {"wavelet": {"standard": "ibsi", **_DB2, "rotation_invariant": True}}),
    "6A1": ("sphere", {"wavelet": {"standard": "ibsi", **_COIF1}}),
    "6A2": ("sphere", {"wavelet": {"standard": "ibsi", **_COIF1, "rotation_invariant": True}}),
    "7A1": ("checkerboard", {"wavelet": {"standard": "ibsi", **_HAAR, "bands": ["LLL"]}}),
    "7A2": ("checkerboard", {"wavelet": {"standard": "ibsi", **_HAAR, "bands": ["HHH"]}}),
    "8A1": ("checkerboard", {"simoncelli": {"level": 1}}),
    "8A2": ("checkerboard", {"simoncelli": {"level": 2}}),
    "8A3": ("checkerboard", {"simoncelli": {"level": 3}}),
}


def response_maps(test: str) -> tuple[np.ndarray, np.ndarray]:
    """Return our response map of one of IBSI's tests, and theirs: float64 arrays of shape (64, 64, 64)."""
    phantom, settings = RESPONSE_MAPS[test]
    (made,) = parse_filters(settings)
    *_, (_, ours) = made.apply(_read(IBSI_2 / phantom / f"{phantom}.nii.gz"))
    (path,) = (IBSI_2 / "reference_response_maps").glob(f"*_{test}_*.nii.gz")
    return ours, _read(path)


def _read(path: Path) -> np.ndarray:
    """Read a NIfTI file of 64³ voxels, as (slices, rows, columns)."""
    content = gzip.decompress(path.read_bytes())
    dtype = {2: np.uint8, 16: np.dtype("<f4")}[int.from_bytes(content[70:72], "little")]
    return np.frombuffer(content, dtype, offset=352).reshape(64, 64, 64).astype(float)


def compared_maps() -> Iterator[str]:
    """Yield a table of the maps: how large they are, and how far ours are from them."""
    yield "| test | filter | largest response | largest difference |"
    yield "|---|---|---:|---:|"
    for test, (_, settings) in RESPONSE_MAPS.items():
        ours, theirs = response_maps(test)
        told = f"`{settings}`".replace("'", "").replace("True", "true")
        yield f"| {test} | {told} | {np.abs(theirs).max():.6g} | {np.abs(ours - theirs).max():.1e} |"
