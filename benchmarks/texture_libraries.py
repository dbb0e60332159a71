"""What is measured beside our texture features, and the calls themselves; see ``benchmarks/texture.py``."""

from __future__ import annotations

import importlib
import importlib.util
import logging
import sys
import time
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from skimage.feature import graycomatrix, graycoprops

from feature_extractors.radiomics import Radiomics

BATTERY = ("first_order", "glcm", "glrlm", "glszm", "gldm", "ngtdm")
SIX_TEXTURES = ("glcm", "glrlm", "glszm", "gldzm", "gldm", "ngtdm")
ALL = (*BATTERY, "gldzm")
NYXUS_FAMILIES = ("INTENSITY", "GLCM", "GLRLM", "GLSZM", "GLDM", "NGTDM")
MIRP_FAMILIES = ("statistics", "cm", "rlm", "szm", "dzm", "ngtdm", "ngldm")
MIRP_PIXELS = 1 << 21  # beyond, a call takes more than 30 s
PROPERTIES = ("contrast", "dissimilarity", "homogeneity", "ASM", "energy", "correlation")
Call = Callable[[], Any]


def milliseconds(call: Call, least: float = 0.2) -> float:
    """Return the least time of a call: of at least three, and of 0.2 s of them."""
    call()
    times: list[float] = []
    while len(times) < 3 or sum(times) < least:
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1000 * min(times)


def levels_of(image: np.ndarray, levels: int) -> np.ndarray:
    """Return gray levels from 1."""
    low, high = image.min(), image.max()
    return np.minimum((levels * (image - low) / (high - low)).astype(int) + 1, levels)


@dataclass(frozen=True)
class Ours:
    """Our extractor beside a library: on one image a call, and on a batch, as the suite's workers call it."""

    name: str
    image: np.ndarray
    extractor: Radiomics

    def alone(self) -> float:
        """Return milliseconds for one image."""
        return milliseconds(lambda: self.extractor.transform([self.image]))

    def in_a_batch(self) -> float | None:
        """Return milliseconds for each of a batch of up to a million pixels; None for volumes.

        The images are the eight orientations of one, over and over: not the same, which a processor would
        learn by heart.
        """
        if self.image.ndim == 3:
            return None
        different = orientations(self.image)
        number = min(max(8, (1 << 20) // self.image.size), 256)
        batch = [different[k % 8] for k in range(number)]
        return milliseconds(lambda: self.extractor.transform(batch)) / number


def orientations(image: np.ndarray) -> list[np.ndarray]:
    """Return the eight of an image."""
    turned = [np.rot90(image, k) for k in range(4)]
    return [np.ascontiguousarray(a) for b in turned for a in (b, b.T)]


def ours(name: str, image: np.ndarray, families: tuple[str, ...] = BATTERY, **settings: Any) -> Ours:
    """Return our extractor, fitted."""
    return Ours(name, image, Radiomics(families=families, **settings).fit([image]))


def competitors(image: np.ndarray, levels: int) -> Iterator[tuple[str, Call, Ours]]:
    """Yield each library, its call, and what of ours stands beside it."""
    classes = pyradiomics_classes(image, levels)
    if classes is not None:
        calls = tuple(classes.values())
        yield "pyradiomics", lambda: [call() for call in calls], ours("battery", image, levels=levels)
    gray = levels_of(image, levels)
    texture = pictologics()
    if texture is not None:
        volume = gray[np.newaxis] if gray.ndim == 2 else gray
        mask = np.ones(volume.shape, dtype=np.uint8)
        mine = ours("six textures", gray, SIX_TEXTURES, levels=None, directions="merge")
        theirs = texture.calculate_all_texture_features
        yield "Pictologics", lambda: theirs(volume, mask, levels), mine
    if image.ndim == 2:
        nyxus = nyxus_call(gray)
        if nyxus is not None:
            yield "nyxus", nyxus, ours("battery of gray levels", gray, levels=None)
    mirp = mirp_call(image, levels)
    if mirp is not None and image.size <= MIRP_PIXELS:
        mine = ours(
            "battery and GLDZM, merged", image, ALL, levels=levels, directions="merge", standard="ibsi"
        )
        yield "MIRP", mirp, mine
    if image.ndim == 2 and levels <= 256:
        glcm = ours("GLCM", image, ("glcm",), levels=levels)
        small = (gray - 1).astype(np.uint8)
        mahotas = library("mahotas.features")
        if mahotas is not None:
            yield "mahotas (haralick)", lambda: mahotas.haralick(small), glcm
        yield "scikit-image (GLCM)", lambda: skimage_features(small, levels), glcm


def library(name: str) -> Any:
    """Import a library, or return None."""
    try:
        return importlib.import_module(name)
    except (ImportError, SyntaxError):
        return None


def pyradiomics_classes(image: np.ndarray, levels: int) -> dict[str, Call] | None:
    """Return the calls of pyradiomics, by our names of the families."""
    if library("radiomics.featureextractor") is None:
        return None
    import radiomics
    import SimpleITK

    logging.getLogger("radiomics").setLevel(logging.ERROR)
    SimpleITK.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
    nodes = [SimpleITK.GetImageFromArray(a) for a in (image, np.ones(image.shape, np.uint8))]
    classes = radiomics.getFeatureClasses()

    def call_of(family: str) -> Call:
        feature_class = classes[family.replace("_", "")]
        return lambda: feature_class(*nodes, binCount=levels).execute()

    return {family: call_of(family) for family in BATTERY}


@cache
def pictologics() -> Any:
    """Import the texture module of Pictologics without the package around it, or return None."""
    spec = importlib.util.find_spec("pictologics")
    if spec is None or spec.submodule_search_locations is None:
        return None
    for name in ("pictologics", "pictologics.features"):
        if name not in sys.modules:
            package = types.ModuleType(name)
            package.__path__ = [
                str(Path(folder, *name.split(".")[1:])) for folder in spec.submodule_search_locations
            ]
            sys.modules[name] = package
    return library("pictologics.features.texture")


def nyxus_call(gray: np.ndarray) -> Call | None:
    """Return the call of nyxus on an image of gray levels, or None."""
    nyxus = library("nyxus")
    if nyxus is None:
        return None
    families = [f"*ALL_{family}*" for family in NYXUS_FAMILIES]
    extractor = nyxus.Nyxus(families, n_feature_calc_threads=1, ibsi=True)  # ibsi: levels as they are
    extractor.set_metaparam("glcm/offset=1")  # left alone, 0.11.0 pairs each pixel with itself
    pixels, mask = gray.astype(np.uint32), np.ones(gray.shape, np.uint32)
    return lambda: extractor.featurize(pixels, mask)


def mirp_call(image: np.ndarray, levels: int) -> Call | None:
    """Return the call of MIRP, or None."""
    mirp = library("mirp")
    if mirp is None or library("itk") is None:
        return None
    logging.disable(logging.INFO)  # it reports each call
    volume = image[np.newaxis] if image.ndim == 2 else image
    mask = np.ones(volume.shape, np.uint8)
    return lambda: mirp.extract_features(
        image=volume,
        mask=mask,
        by_slice=image.ndim == 2,
        base_feature_families=list(MIRP_FAMILIES),
        base_discretisation_method="fixed_bin_number",
        base_discretisation_n_bins=levels,
    )


def skimage_features(gray: np.ndarray, levels: int) -> list[np.ndarray]:
    """Return scikit-image's properties of the co-occurrence matrices."""
    angles = [0, np.pi / 4, np.pi / 2, 3 * np.pi / 4]
    matrices = graycomatrix(gray, [1], angles, levels=levels, symmetric=True, normed=True)
    return [graycoprops(matrices, name) for name in PROPERTIES]
