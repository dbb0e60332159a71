"""Texture features side by side: time per image of ours and of every other library that is importable.

    uv run python benchmarks/texture.py [--sizes 64 256] [--levels 32] [--json FILE]

Installs nothing. Measures, on the same arrays, in one process, on one thread:

- ours: `Radiomics`, from pixel values to features, discretisation included;
- pyradiomics: its feature classes firstorder, glcm, glrlm, glszm, gldm, ngtdm, called one by one on images
  that are SimpleITK's already; each discretises for itself;
- Pictologics: ``calculate_all_texture_features`` (GLCM, GLRLM, GLSZM, GLDZM, NGTDM, NGLDM; merged matrices;
  no MCC, no first order) on gray levels; ours of the same families on the same gray levels stands beside it.
  Its package asks for Python 3.12; the module of its textures, imported alone, runs on 3.11;
- nyxus: ``featurize`` of its groups intensity, GLCM, GLRLM, GLSZM, GLDM, NGTDM on gray levels, in its IBSI
  mode, which takes them as they are; ours beside it is the battery on the same gray levels. One image a call,
  though it takes stacks (each of a stack of 64×64 in 0.83 of the time, of 256×256 in 0.98). Images only:
  volumes it reads from files. Its percentiles, entropies, information measures of correlation and size zones
  are not those of pyradiomics and ours;
- MIRP: ``extract_features``: statistics and the six textures of Pictologics, from pixel values; ours beside
  it is the battery and GLDZM, merged as it does. Nothing larger than two million pixels: 2048×2048 takes it
  half a minute;
- mahotas: ``features.haralick`` (13 features of the GLCM in 4 directions);
- scikit-image: ``graycomatrix`` in 4 directions and ``graycoprops`` of 6 properties.

For the last two ours is the GLCM with its 24 features. An environment with all of them: the project's, and
``pip install mahotas``; without their dependencies nyxus and MIRP, with the one that is missing (``pip
install --no-deps nyxus mirp itk-core``), and Pictologics (``pip install --no-deps --ignore-requires-python
pictologics``). The compiled code of Pictologics crashed when numba 0.68 read it back from its cache: empty
its ``__pycache__`` before each run.
"""

from __future__ import annotations

import os

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[_variable] = "1"
os.environ["PICTOLOGICS_DISABLE_WARMUP"] = "1"

import argparse
import json
import resource
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import skimage.data
from scipy.ndimage import gaussian_filter
from skimage.transform import resize
from texture_libraries import (
    BATTERY,
    SIX_TEXTURES,
    Call,
    competitors,
    levels_of,
    milliseconds,
    orientations,
    ours,
    pictologics,
    pyradiomics_classes,
)

ROOT = Path(__file__).parents[1]
sys.path.insert(1, str(ROOT))  # `docs` is not installed

from texture_values import agreements

from feature_extractors.radiomics import Radiomics
from suite.environment import describe_environment

CXR = ROOT / "../shared/data/cxr"
LIBRARIES = ("pyradiomics", "pictologics", "nyxus", "mirp", "mahotas", "scikit-image")


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


def compare(image: np.ndarray, levels: int, title: str) -> list[dict[str, Any]]:
    """Measure all libraries on one image and print them."""
    rows = []
    size = "×".join(map(str, image.shape))
    for name, call, mine in competitors(image, levels):
        alone, batch, theirs = mine.alone(), mine.in_a_batch(), milliseconds(call)
        rows.append(
            {"image": title, "shape": list(image.shape), "levels": levels, "library": name, "ours": mine.name}
            | {"ours_ms": alone, "batch_ms": batch, "theirs_ms": theirs}
        )
        told = f"ours ({mine.name}) {alone:8.3f} ms, {theirs / alone:5.1f} ×"
        if batch is not None:
            told += f"; in a batch {batch:8.3f} ms, {theirs / batch:5.1f} ×"
        print(f"{title:18} {size:12} {levels:4} levels  {name:20} {theirs:9.3f} ms   {told}")
    return rows


def per_family(image: np.ndarray, levels: int) -> list[dict[str, Any]]:
    """Measure each family alone, ours and pyradiomics'."""
    classes = pyradiomics_classes(image, levels) or {}
    rows = []
    for family in (*BATTERY, "gldzm"):
        row = {"family": family, "ours_ms": ours(family, image, (family,), levels=levels).alone()}
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


def smooth_volume(side: int) -> np.ndarray:
    """Return a volume of smoothed noise (computed)."""
    smooth = gaussian_filter(np.random.default_rng(0).random((side,) * 3), 1.5)
    return (255 * (smooth - smooth.min()) / np.ptp(smooth)).astype(np.float32)


def stages(images: Sequence[np.ndarray], levels: int) -> dict[str, float]:
    """Return where the time of the battery goes: milliseconds for each of a batch of images."""
    from feature_extractors._radiomics import families
    from feature_extractors._radiomics.batch import make_batch
    from feature_extractors._radiomics.correlation import maximal_correlations
    from feature_extractors._radiomics.gray_levels import discretise

    deep = images[0].ndim == 3
    settings = families.Settings(deep=deep)
    extractor = Radiomics(levels=levels).fit(images)
    batch = make_batch(images)
    gray = discretise(batch, levels=levels, deep=deep)
    pairs = families.cooccurrence_matrices(gray, families.offsets_at([1], deep=deep))
    calls: dict[str, Call] = {
        "discretisation": lambda: discretise(batch, levels=levels, deep=deep),
        "first order": lambda: extractor._intensity(batch, gray),
        "of glcm, the maximal correlation coefficients": lambda: maximal_correlations(pairs),
    }
    for family in BATTERY[1:]:
        calls[family] = lambda family=family: families.texture_features(gray, (family,), settings)
    found = {name: milliseconds(call) / len(images) for name, call in calls.items()}
    found["all in one call"] = milliseconds(lambda: extractor.transform(images)) / len(images)
    told = {name: round(value, 4) for name, value in found.items()}
    print(f"ms per image of each stage, {'×'.join(map(str, images[0].shape))}:", told)
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
        f"image = np.random.default_rng(0).random(({size}, {size}), dtype='f4')\n"
        "def now(): return int(open('/proc/self/statm').read().split()[1]) * resource.getpagesize()\n"
        "def peak(): return int(open('/proc/self/status').read().split('VmHWM:')[1].split()[0]) * 1024\n"
        "before = now(); e.transform([image])\n"
        f"print((peak() - before) / {size}**2)"
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
    for name in ("numpy", "numba", "SimpleITK", *LIBRARIES):
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
        rows += compare(smooth_volume(options.volume), 32, "volume (computed)")
    kept["comparison"] = rows
    found = dict(agreements(real_image(256), 32))
    print("values that differ by a millionth at most:", {name: str(how) for name, how in found.items()})
    kept["agreement"] = {name: asdict(how) for name, how in found.items()}
    kept["families"] = per_family(real_image(256), 32)
    profiled = [orientations(real_image(256)), [real_image(2048)], [smooth_volume(128)]]
    kept["stages"] = {"×".join(map(str, images[0].shape)): stages(images, 32) for images in profiled}
    kept["patches"] = patches()
    kept["first_call"] = first_call()
    print(f"first call with compiled code on disk: {kept['first_call']:.2f} s after the imports")
    kept["memory"] = {str(levels): peak_memory(levels, 4096) for levels in (32, 1024)}
    print("peak memory, bytes per pixel of 4096×4096:", {k: round(v) for k, v in kept["memory"].items()})
    kept["resident_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if options.json:
        options.json.write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
