"""Texture features side by side: time per image of ours and of every other library that is importable.

    uv run python benchmarks/texture.py [--sizes 64 256] [--levels 32] [--json FILE]

Installs nothing. Measures, on the same arrays, in one process, on one thread:

- ours: `Radiomics`, from pixel values to features, discretisation included;
- pyradiomics: its feature classes firstorder, glcm, glrlm, glszm, gldm, ngtdm, called one by one on images
  that are SimpleITK's already; each discretises for itself;
- Pictologics: ``calculate_all_texture_features`` (GLCM, GLRLM, GLSZM, GLDZM, NGTDM, NGLDM; merged matrices;
  no MCC, no first order) on gray levels; ours of the same families on the same gray levels stands beside it.
  Its package asks for Python 3.12; the module of its textures, imported alone, runs on 3.11;
- mahotas: ``features.haralick`` (13 features of the GLCM in 4 directions);
- scikit-image: ``graycomatrix`` in 4 directions and ``graycoprops`` of 6 properties.

For the last two ours is the GLCM with its 24 features. An environment with all of them: the project's, and
``pip install mahotas``; Pictologics without its dependencies (``pip install --no-deps
--ignore-requires-python pictologics``).
"""

from __future__ import annotations

import os

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[_variable] = "1"
os.environ["PICTOLOGICS_DISABLE_WARMUP"] = "1"

import argparse
import importlib
import importlib.util
import json
import logging
import re
import resource
import subprocess
import sys
import time
import types
from collections.abc import Callable, Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import skimage.data
from skimage.feature import graycomatrix, graycoprops
from skimage.transform import resize

from feature_extractors.radiomics import Radiomics
from suite.environment import describe_environment

ROOT = Path(__file__).parents[1]
CXR = ROOT / "../shared/data/cxr"
BATTERY = ("first_order", "glcm", "glrlm", "glszm", "gldm", "ngtdm")
SIX_TEXTURES = ("glcm", "glrlm", "glszm", "gldzm", "gldm", "ngtdm")
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


def images(size: int) -> dict[str, np.ndarray]:
    """Return images of a size: a real one, a smooth one and a noisy one (the last two computed)."""
    ramp = np.hypot(*np.meshgrid(np.linspace(0, 1, size), np.linspace(0, 2, size)))
    noise = np.random.default_rng(0).random((size, size))
    return {
        "real": real_image(size),
        "smooth (computed)": (255 * ramp / ramp.max()).astype(np.float32),
        "noisy (computed)": (255 * noise).astype(np.float32),
    }


def real_image(size: int) -> np.ndarray:
    """Return a radiograph, or where none is there a photograph of grass, resized, as float32."""
    files = sorted((CXR / "normal").glob("*.*g"))
    if files:
        from skimage.io import imread

        pixels = imread(files[0], as_gray=True).astype(float)
    else:
        pixels = skimage.data.grass().astype(float)
    scaled = resize(pixels, (size, size), anti_aliasing=True, preserve_range=True)
    return (255 * scaled / scaled.max()).astype(np.float32)


def levels_of(image: np.ndarray, levels: int) -> np.ndarray:
    """Return gray levels from 1."""
    low, high = image.min(), image.max()
    return np.minimum((levels * (image - low) / (high - low)).astype(int) + 1, levels)


def ours(image: np.ndarray, families: tuple[str, ...] = BATTERY, **settings: Any) -> Call:
    """Return our call, fitted."""
    extractor = Radiomics(families=families, **settings).fit([image])
    return lambda: extractor.transform([image])


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


def competitors(image: np.ndarray, levels: int) -> Iterator[tuple[str, Call, str, Call]]:
    """Yield (library, its call, what ours is, our call)."""
    classes = pyradiomics_classes(image, levels)
    if classes is not None:
        calls = tuple(classes.values())
        yield "pyradiomics", lambda: [call() for call in calls], "battery", ours(image, levels=levels)
    gray = levels_of(image, levels)
    texture = pictologics()
    if texture is not None:
        volume = gray[np.newaxis] if gray.ndim == 2 else gray
        mask = np.ones(volume.shape, dtype=np.uint8)
        mine = ours(gray, SIX_TEXTURES, levels=None, directions="merge")
        theirs = texture.calculate_all_texture_features
        yield "Pictologics", lambda: theirs(volume, mask, levels), "six textures", mine
    if image.ndim == 2 and levels <= 256:
        glcm = ours(image, ("glcm",), levels=levels)
        small = (gray - 1).astype(np.uint8)
        mahotas = library("mahotas.features")
        if mahotas is not None:
            yield "mahotas (haralick)", lambda: mahotas.haralick(small), "GLCM", glcm
        yield "scikit-image (GLCM)", lambda: skimage_features(small, levels), "GLCM", glcm


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


def by_code(extractor: Radiomics, row: np.ndarray) -> dict[str, float]:
    """Return our values by the reference codes of IBSI, which stand in the docstrings of the families."""
    from feature_extractors import glcm, gldm, gldzm, glrlm, glszm, ngtdm

    values = dict(zip(extractor.get_feature_names_out(), row, strict=True))
    found = {}
    for module in (glcm, glrlm, glszm, gldzm, gldm, ngtdm):
        (cls,) = (getattr(module, name) for name in module.__all__)
        for name, code in re.findall(r"^    (\w+) +([0-9A-Z]{4})  ", cls.__doc__, re.MULTILINE):
            if f"{cls.FAMILY}_{name}" in values:
                found[code] = float(values[f"{cls.FAMILY}_{name}"])
    return found


def largest_difference(ours_by_name: dict[str, float], theirs: dict[str, float]) -> float:
    """Return the largest relative difference of values that both have."""
    shared = ours_by_name.keys() & theirs.keys()
    return max(abs(ours_by_name[k] - theirs[k]) / max(abs(theirs[k]), 1e-9) for k in shared)


def differences(image: np.ndarray, levels: int) -> dict[str, float]:
    """Return the largest relative difference to each library that names its features as we do."""
    found = {}
    classes = pyradiomics_classes(image, levels)
    if classes is not None:
        from feature_extractors.pyradiomics import _snake_case

        theirs = {f"{f}_{_snake_case(n)}": float(v) for f, call in classes.items() for n, v in call().items()}
        battery = Radiomics(levels=levels).fit([image])
        values = dict(zip(battery.get_feature_names_out(), battery.transform([image])[0], strict=True))
        found["pyradiomics"] = largest_difference(values, theirs)
    texture = pictologics()
    if texture is not None:
        gray = levels_of(image, levels)
        mask = np.ones((1, *gray.shape), dtype=np.uint8)
        named = texture.calculate_all_texture_features(gray[np.newaxis], mask, levels)
        theirs = {name.rpartition("_")[2]: float(value) for name, value in named.items()}
        extractor = Radiomics(families=SIX_TEXTURES, levels=None, directions="merge", standard="ibsi").fit(
            [gray]
        )
        found["Pictologics"] = largest_difference(by_code(extractor, extractor.transform([gray])[0]), theirs)
    return found


def skimage_features(gray: np.ndarray, levels: int) -> list[np.ndarray]:
    """Return scikit-image's properties of the co-occurrence matrices."""
    angles = [0, np.pi / 4, np.pi / 2, 3 * np.pi / 4]
    matrices = graycomatrix(gray, [1], angles, levels=levels, symmetric=True, normed=True)
    return [graycoprops(matrices, name) for name in PROPERTIES]


def compare(image: np.ndarray, levels: int, title: str) -> list[dict[str, Any]]:
    """Measure all libraries on one image and print them."""
    rows = []
    for name, theirs, what, mine in competitors(image, levels):
        a, b = milliseconds(mine), milliseconds(theirs)
        rows.append(
            {"image": title, "shape": list(image.shape), "levels": levels, "library": name, "ours": what}
            | {"ours_ms": a, "theirs_ms": b, "ratio": b / a}
        )
        size = "×".join(map(str, image.shape))
        told = f"{name:20} {b:9.3f} ms   ours ({what}) {a:8.3f} ms   {b / a:6.1f} ×"
        print(f"{title:18} {size:12} {levels:4} levels  {told}")
    return rows


def per_family(image: np.ndarray, levels: int) -> list[dict[str, Any]]:
    """Measure each family alone, ours and pyradiomics'."""
    classes = pyradiomics_classes(image, levels) or {}
    rows = []
    for family in (*BATTERY, "gldzm"):
        row = {"family": family, "ours_ms": milliseconds(ours(image, (family,), levels=levels))}
        if family in classes:
            row["theirs_ms"] = milliseconds(classes[family])
        rows.append(row)
        told = f"pyradiomics {row['theirs_ms']:8.3f} ms" if "theirs_ms" in row else ""
        print(f"{family:12} ours {row['ours_ms']:8.3f} ms   {told}")
    return rows


def patches(number: int = 1000, size: int = 64) -> dict[str, float]:
    """Measure a batch of small patches: the battery, and the six textures beside Pictologics."""
    image = real_image(1024)
    random = np.random.default_rng(0)
    corners = random.integers(0, 1024 - size, (number, 2))
    cut = [image[y : y + size, x : x + size].copy() for y, x in corners]
    gray = [levels_of(patch, 32) for patch in cut]
    battery = Radiomics().fit(cut[:1])
    textures = Radiomics(families=SIX_TEXTURES, levels=None, directions="merge").fit(gray[:1])
    found = {
        "battery": milliseconds(lambda: battery.transform(cut)) / number,
        "six textures": milliseconds(lambda: textures.transform(gray)) / number,
    }
    texture = pictologics()
    if texture is not None:
        mask = np.ones((1, size, size), dtype=np.uint8)

        def theirs() -> None:
            for patch in gray[:100]:
                texture.calculate_all_texture_features(patch[np.newaxis], mask, 32)

        found["Pictologics"] = milliseconds(theirs) / 100
    print(f"1,000 patches of {size}×{size}, ms each:", {k: round(v, 4) for k, v in found.items()})
    return found


def first_call() -> float:
    """Return the seconds from the end of imports to the first result, with compiled code on disk."""
    code = (
        "import time, numpy as np\nfrom feature_extractors.radiomics import Radiomics\n"
        "image = np.random.default_rng(0).random((64, 64)).astype('f4')\nstart = time.perf_counter()\n"
        "Radiomics().fit([image]).transform([image])\nprint(time.perf_counter() - start)"
    )
    runs = [
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
        for _ in range(3)
    ]
    return min(float(run.stdout) for run in runs[1:])


def peak_memory(levels: int, size: int) -> float:
    """Return by how many bytes per pixel the peak of a process grows with the battery on one image."""
    code = (
        "import resource, numpy as np\nfrom feature_extractors.radiomics import Radiomics\n"
        "small = np.random.default_rng(0).random((32, 32)).astype('f4')\n"
        f"e = Radiomics(levels={levels}).fit([small]); e.transform([small])\n"
        f"image = np.random.default_rng(0).random(({size}, {size})).astype('f4')\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\ne.transform([image])\n"
        f"print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 / {size}**2)"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    return float(run.stdout)


def bandwidth() -> float:
    """Return GB/s of a plain copy, read and written bytes together, larger than the caches."""
    source = np.ones(1 << 27, dtype=np.uint8)
    target = np.empty_like(source)
    return 2 * source.nbytes / milliseconds(lambda: np.copyto(target, source)) / 1e6


def versions() -> dict[str, str]:
    """Return the versions of all libraries that take part."""
    found = {}
    for name in ("numpy", "numba", "pyradiomics", "pictologics", "mahotas", "scikit-image", "SimpleITK"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def main() -> None:
    """Measure and print; with --json also keep."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[32, 64, 128, 256, 512, 1024, 2048])
    parser.add_argument("--levels", type=int, nargs="+", default=[16, 32, 64, 256])
    parser.add_argument("--volume", type=int, default=128, help="side of a volume; 0: none")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    environment = describe_environment()
    kept: dict[str, Any] = {
        "machine": {
            key: environment[key] for key in ("processor", "cores", "memory_gib", "python", "commit")
        },
        "versions": versions(),
        "bandwidth": bandwidth(),
    }
    print(f"{environment['processor']}, one thread, Python {environment['python']}, {kept['versions']}")
    print(f"plain copy: {kept['bandwidth']:.1f} GB/s")
    rows: list[dict[str, Any]] = []
    for size in options.sizes:
        rows += compare(images(size)["real"], 32, "real")
    for levels in options.levels:
        if levels != 32:
            rows += compare(images(256)["real"], levels, "real")
    for title, image in list(images(256).items())[1:]:
        rows += compare(image, 32, title)
    if options.volume:
        cube = np.random.default_rng(0).random((options.volume,) * 3)
        from scipy.ndimage import gaussian_filter

        smooth = gaussian_filter(cube, 1.5)
        scaled = (255 * (smooth - smooth.min()) / np.ptp(smooth)).astype(np.float32)
        rows += compare(scaled, 32, "volume (computed)")
    kept["comparison"] = rows
    kept["differences"] = differences(real_image(256), 32)
    print("largest relative difference of values:", {k: f"{v:.1e}" for k, v in kept["differences"].items()})
    kept["families"] = per_family(real_image(256), 32)
    kept["patches"] = patches()
    kept["first_call"] = first_call()
    print(f"first call with compiled code on disk: {kept['first_call']:.2f} s after the imports")
    kept["memory"] = {str(levels): peak_memory(levels, 1024) for levels in (32, 1024)}
    print("peak memory, bytes per pixel of 1024×1024:", {k: round(v) for k, v in kept["memory"].items()})
    kept["resident_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if options.json:
        options.json.write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
