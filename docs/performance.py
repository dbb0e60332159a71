"""Write ``docs/performance.md`` from what was measured.

    uv run python benchmarks/texture.py --json texture.json
    uv run python -m docs.performance texture.json --before OLD/cxr OLD/ct --after runs/cxr runs/ct

``--before`` and ``--after`` are run directories of the same grids, of another and of this version.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from math import prod
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

PAGE = Path(__file__).parent / "performance.md"
NETWORKS = "<!-- from here on written by docs/performance_networks.py -->\n"


def milliseconds_per_image(run_dir: Path) -> dict[str, float]:
    """Return the extraction time of each extractor of a run, fusions left out."""
    cells = pq.read_table(run_dir / "results" / "cells.parquet").to_pandas()
    cells = cells[(cells["role"] == "cell") & cells["seconds_extract"].notna()].drop_duplicates("extractor")
    times = 1000 * cells["seconds_extract"] / cells["n_images"]
    return dict(zip(cells["extractor"], times, strict=True))


def table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a Markdown table, the first column flush left."""
    yield f"| {' | '.join(head)} |"
    yield f"|---|{'---:|' * (len(head) - 1)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def comparison(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield each library beside ours."""
    for library in dict.fromkeys(row["library"] for row in rows):
        chosen = [row for row in rows if row["library"] == library]
        yield f"### {library}: ours is {chosen[0]['ours']}"
        yield ""
        head = ("image", "levels", f"{library}, ms", "ours, alone, ms", "ratio", "in a batch, ms", "ratio")
        yield from table(head, (_compared(row) for row in chosen))


def _compared(row: dict[str, Any]) -> tuple[str, ...]:
    size, theirs = "×".join(map(str, row["shape"])), row["theirs_ms"]
    told = [f"{row['image']}, {size}", str(row["levels"]), f"{theirs:.3f}"]
    for ours in (row["ours_ms"], row["batch_ms"]):
        told += ["–", "–"] if ours is None else [f"{ours:.3f}", f"{theirs / ours:.1f}"]
    return tuple(told)


def agreement(found: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Yield for each library how many values agree, and in which families others do not."""
    for library, how in found.items():
        others = how["differing"]
        told = f"{library} {how['shared'] - len(others)} of {how['shared']} ({how['largest']:.1e})"
        families = Counter(re.match("first_order|[a-z]+", name)[0] for name in others)
        differing = ", ".join(f"{number} of {family}" for family, number in families.items())
        yield f"{told}, not {differing}" if others else told


def per_pixel(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield nanoseconds per pixel of the battery."""
    chosen = [r for r in rows if r["ours"] == "battery" and r["image"] == "real" and r["levels"] == 32]
    yield from table(
        ("size", "ms in a batch", "ns per pixel"),
        (
            (
                "×".join(map(str, row["shape"])),
                f"{row['batch_ms']:.3f}",
                f"{1e6 * row['batch_ms'] / (row['shape'][0] * row['shape'][1]):.1f}",
            )
            for row in chosen
        ),
    )


def families(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield each family alone."""
    yield from table(
        ("family", "ours, ms", "pyradiomics, ms", "ratio"),
        (
            (
                row["family"],
                f"{row['ours_ms']:.3f}",
                f"{row['theirs_ms']:.3f}" if "theirs_ms" in row else "–",
                f"{row['theirs_ms'] / row['ours_ms']:.1f}" if "theirs_ms" in row else "–",
            )
            for row in rows
        ),
    )


def grids(before: Sequence[Path], after: Sequence[Path]) -> Iterator[str]:
    """Yield the extraction times of grids, before and after."""
    for old, new in zip(before, after, strict=True):
        was, now = milliseconds_per_image(old), milliseconds_per_image(new)
        yield f"### `grids/{new.name}.yaml`"
        yield ""
        yield from table(
            ("extractor", "before, ms per image", "after, ms per image"),
            (
                (name, f"{was[name]:.2f}" if name in was else "–", f"{value:.2f}")
                for name, value in now.items()
            ),
        )


MEANING = (
    "Milliseconds are the least of several calls. Alone: one image a call, so that what a call costs whatever"
    " the image is in them (most of the time at 32×32); in a batch: for each of many images in one call (the"
    " eight orientations of the image in turn, up to a million pixels), which is how the suite calls it;"
    " other libraries take one image a call. The battery is the 93 features of first"
    " order, GLCM, GLRLM, GLSZM, GLDM and NGTDM from pixel values. Six textures are GLCM, GLRLM, GLSZM,"
    " GLDZM, GLDM and NGTDM from gray levels, of merged matrices, which is what Pictologics computes (it has"
    " no maximal correlation coefficient; ours is in the time). The battery of gray levels stands beside"
    " nyxus, which computes these families in its IBSI mode (two features less); the battery and GLDZM, of"
    " merged matrices, beside MIRP, likewise (one less).",
)


def page(kept: dict[str, Any], before: Sequence[Path], after: Sequence[Path]) -> str:
    """Return the whole page."""
    machine = kept["machine"]
    libraries = ", ".join(f"{name} {found}" for name, found in kept["versions"].items())
    patches, memory = kept["patches"], kept["memory"]
    memory_told = ", ".join(f"{value:.0f} at {levels} levels" for levels, value in memory.items())
    lines = [
        "# Speed of the texture features",
        "",
        "Written by `docs/performance.py` from `benchmarks/texture.py` and two runs; not edited by hand."
        f" {machine['processor']}, {machine['cores']} cores of which one is used, Python {machine['python']},"
        f" {libraries}. A plain copy of memory runs at {kept['bandwidth']:.0f} GB/s, read and written.",
        "",
        *MEANING,
        "",
        f"Values that both have and that differ by a millionth at most, 256×256, and the largest relative"
        f" difference of these: {'; '.join(agreement(kept['agreement']))}.",
        "",
        "## Beside other libraries",
        "",
        *comparison(kept["comparison"]),
        "## A batch of 1,000 patches of 64×64",
        "",
        *table(
            ("what", "ms per patch"),
            ((name, f"{value:.4f}") for name, value in patches.items()),
        ),
        "## Time per pixel",
        "",
        *per_pixel(kept["comparison"]),
        "## Each family alone, 256×256, 32 levels, discretisation included",
        "",
        *families(kept["families"]),
        "## Where the time goes: the battery, 32 levels",
        "",
        *stages(kept),
        "## Start and memory",
        "",
        f"First call with compiled code on disk: {kept['first_call']:.2f} s after the imports."
        f" Peak memory of the battery on one 4096×4096 image of noise, bytes per pixel: {memory_told}.",
        "",
        "## Where the aims stand",
        "",
        *aims(kept),
        "## Extraction in the grids, before and after",
        "",
        "Two processes. `pyradiomics` is the same library in both and tells how fast the machine was at the"
        " time. Before: the first version; after: this one. Whichever comes first, `first_order` here, bears"
        " the loading of compiled code.",
        "",
        *grids(before, after),
    ]
    return "\n".join(lines).rstrip() + "\n"


def aims(kept: dict[str, Any]) -> Iterator[str]:
    """Yield the aims and whether they are met: of a batch, which is what the suite's workers call."""
    square = next(r for r in kept["comparison"] if r["ours"] == "battery" and r["shape"] == [256, 256])
    listed = [("battery at 256×256 in 2 ms, alone", 2 / square["ours_ms"], f"{square['ours_ms']:.2f} ms")]
    for library, times in (("pyradiomics", 35), ("Pictologics", 6)):
        for row in kept["comparison"]:
            if row["library"] == library and row["image"] in ("real", "volume (computed)"):
                found = row["theirs_ms"] / (row["batch_ms"] or row["ours_ms"])
                size = "×".join(map(str, row["shape"]))
                if row["levels"] == 32 and size in ("256×256", "2048×2048", "128×128×128"):
                    listed.append((f"{times} × {library} at {size}", found / times, f"{found:.1f} ×"))
    if "Pictologics" in kept["patches"]:
        found = kept["patches"]["Pictologics"] / kept["patches"]["six textures"]
        listed.append(("10 × Pictologics on 1,000 patches of 64×64", found / 10, f"{found:.1f} ×"))
    listed.append(("first call within 1 s", 1 / kept["first_call"], f"{kept['first_call']:.2f} s"))
    yield from table(
        ("aim", "measured", "met"),
        ((name, shown, "yes" if met >= 1 else "no") for name, met, shown in listed),
    )
    for row in kept["comparison"]:
        if row["library"] == "Pictologics" and row["shape"] == [256, 256]:
            three = sum(kept["stages"]["256×256"][family] for family in ("glcm", "glrlm", "glszm"))
            yield (
                f"A sixth of Pictologics' time at 256×256 would be {row['theirs_ms'] / 6:.2f} ms. Pairs, runs"
                f" and zones alone take {three:.2f} ms here, three of its six families, each a pass of"
                " increments, and zones one of labels before."
            )
            yield ""
            break


def stages(kept: dict[str, Any]) -> Iterator[str]:
    """Yield where the time goes, and how far it is from the limit of the memory."""
    profiles = kept["stages"]
    pixels = {size: prod(map(int, size.split("×"))) for size in profiles}
    whole = {size: profile["all in one call"] for size, profile in profiles.items()}
    yield (
        "Eight orientations of a radiograph of 256×256 in one call; one of 2048×2048; a volume (computed)."
        " Milliseconds for each, and nanoseconds for a pixel."
    )
    yield ""
    yield from table(
        ("stage", *(part for size in profiles for part in (f"{size}, ms", "ns"))),
        (
            (name, *(part for size in profiles for part in _stage(profiles[size][name], pixels[size])))
            for name in next(iter(profiles.values()))
        ),
    )
    once = {size: 1e3 * number * 4 / (kept["bandwidth"] * 1e9) for size, number in pixels.items()}
    told = ", ".join(f"{whole[size] / once[size]:.0f} times as long at {size}" for size in profiles)
    yield (
        f"Reading the pixels (float32) once at the speed of the copy would take {once['256×256']:.4f} ms at"
        f" 256×256; the battery takes {told}: memory is not what it waits for."
    )
    yield ""
    yield from WHY


def _stage(milliseconds: float, pixels: int) -> tuple[str, str]:
    return f"{milliseconds:.3f}", f"{1e6 * milliseconds / pixels:.2f}"


WHY = (
    "What it waits for: each pixel takes part in 4 co-occurrences, 4 runs, a zone and 2 neighbourhoods (in"
    " volumes 13, 13, 1 and 2), and each of these is an increment in a table at a place that depends on the"
    " pixel, which is not to be done for several pixels at once; and a pixel's zone depends on that of the"
    " pixel before it. Comparisons with neighbours, lengths of runs, extremes and moments are done for up to"
    " 128 pixels at once. On small images the eigenvalues of the co-occurrence matrices (the maximal"
    " correlation coefficient, which Pictologics does not have) and the fixed cost of a call weigh more."
    " Lengths of runs and labels of zones are kept for the rows (in volumes: the two slices) at hand alone.",
    "",
)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("measured", type=Path)
    parser.add_argument("--before", type=Path, nargs="*", default=[])
    parser.add_argument("--after", type=Path, nargs="*", default=[])
    options = parser.parse_args()
    networks = PAGE.read_text().partition(NETWORKS)[2]
    PAGE.write_text(
        page(json.loads(options.measured.read_text()), options.before, options.after) + NETWORKS + networks
    )
