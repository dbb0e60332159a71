"""Texture matrices and their statistics written out plainly: pixel by pixel, term by term, and slowly.

An image is an array of whole numbers with three axes: gray levels from 1, and 0 outside the region.
"""

from itertools import product

import numpy as np
from scipy.ndimage import distance_transform_cdt, label

STATISTICS = {  # all in the order of `size_statistics`
    "glrlm": """short_run_emphasis long_run_emphasis low_gray_level_run_emphasis high_gray_level_run_emphasis
        short_run_low_gray_level_emphasis short_run_high_gray_level_emphasis long_run_low_gray_level_emphasis
        long_run_high_gray_level_emphasis gray_level_non_uniformity gray_level_non_uniformity_normalized
        run_length_non_uniformity run_length_non_uniformity_normalized run_percentage gray_level_variance
        run_variance run_entropy""",
    "glszm": """small_area_emphasis large_area_emphasis low_gray_level_zone_emphasis
        high_gray_level_zone_emphasis small_area_low_gray_level_emphasis small_area_high_gray_level_emphasis
        large_area_low_gray_level_emphasis large_area_high_gray_level_emphasis gray_level_non_uniformity
        gray_level_non_uniformity_normalized size_zone_non_uniformity size_zone_non_uniformity_normalized
        zone_percentage gray_level_variance zone_variance zone_entropy""",
    "gldzm": """small_distance_emphasis large_distance_emphasis low_gray_level_zone_emphasis
        high_gray_level_zone_emphasis small_distance_low_gray_level_emphasis
        small_distance_high_gray_level_emphasis large_distance_low_gray_level_emphasis
        large_distance_high_gray_level_emphasis gray_level_non_uniformity
        gray_level_non_uniformity_normalized zone_distance_non_uniformity
        zone_distance_non_uniformity_normalized zone_percentage gray_level_variance zone_distance_variance
        zone_distance_entropy""",
    "gldm": """small_dependence_emphasis large_dependence_emphasis low_gray_level_emphasis
        high_gray_level_emphasis small_dependence_low_gray_level_emphasis
        small_dependence_high_gray_level_emphasis large_dependence_low_gray_level_emphasis
        large_dependence_high_gray_level_emphasis gray_level_non_uniformity
        gray_level_non_uniformity_normalized dependence_non_uniformity dependence_non_uniformity_normalized
        dependence_percentage gray_level_variance dependence_variance dependence_entropy
        dependence_energy""",
}
IBSI_ONLY = (
    "gldm_gray_level_non_uniformity_normalized",
    "gldm_dependence_percentage",
    "gldm_dependence_energy",
)


def half_offsets(distances, *, deep):
    """Steps (slices, down, right) of these Chebyshev lengths, one of each opposite two."""
    reach = range(-max(distances), max(distances) + 1)
    ring = [step for step in product(reach, repeat=3) if max(map(abs, step)) in distances]
    return [step for step in ring if step > (0, 0, 0) and (deep or step[0] == 0)]


def at(levels, place):
    """Level at a place, 0 beyond the edges."""
    inside = all(0 <= k < n for k, n in zip(place, levels.shape, strict=True))
    return int(levels[place]) if inside else 0


def pixels(levels):
    return [tuple(place) for place in np.argwhere(levels).tolist()]


def moved(place, step, times=1):
    return tuple(k + times * s for k, s in zip(place, step, strict=True))


def pairs(levels, step, *, symmetric):
    """Count pairs by the levels of their pixels."""
    table = np.zeros((levels.max() + 1,) * 2, dtype=int)
    for place in pixels(levels):
        other = at(levels, moved(place, step))
        table[levels[place], other] += other > 0
    return table + table.T if symmetric else table


def runs(levels, step):
    """Count runs by level and length."""
    table = np.zeros((levels.max() + 1, max(levels.shape) + 1), dtype=int)
    for place in pixels(levels):
        if at(levels, moved(place, step, -1)) != levels[place]:
            length = 1
            while at(levels, moved(place, step, length)) == levels[place]:
                length += 1
            table[levels[place], length] += 1
    return table


def shares_a_line(levels, step):
    """Tell whether a line in this direction holds two pixels of the region."""
    longest = range(1, max(levels.shape))
    return any(at(levels, moved(place, step, k)) for place in pixels(levels) for k in longest)


def zones(levels, *, deep):
    """Level, size and taxicab distance to the outside of each zone."""
    structure = np.ones((3, 3, 3), dtype=int)
    if not deep:
        structure[[0, 2]] = 0
    walled = np.pad(levels > 0, 1)
    parts = [walled] if deep else walled[:, None]
    far = np.concatenate([np.atleast_3d(distance_transform_cdt(p, "taxicab")) for p in parts])[
        1:-1, 1:-1, 1:-1
    ]
    for level in np.unique(levels[levels > 0]):
        components, number = label(levels == level, structure)
        for k in range(1, number + 1):
            zone = components == k
            yield int(level), int(zone.sum()), int(far[zone].min())


def zone_sizes(levels, *, deep):
    """Count zones by level and size."""
    table = np.zeros((levels.max() + 1, levels.size + 1), dtype=int)
    for level, size, _ in zones(levels, deep=deep):
        table[level, size] += 1
    return table


def zone_distances(levels, *, deep):
    """Count zones by level and distance to the border."""
    table = np.zeros((levels.max() + 1, max(levels.shape) + 1), dtype=int)
    for level, _, distance in zones(levels, deep=deep):
        table[level, distance] += 1
    return table


def around(levels, place, steps):
    """Levels of the neighbours of a pixel, those of opposite steps too, that lie in the region."""
    both = [at(levels, moved(place, step, sign)) for step in steps for sign in (1, -1)]
    return [level for level in both if level > 0]


def dependences(levels, steps, alpha):
    """Count pixels by level and number of dependent pixels, themselves included."""
    table = np.zeros((levels.max() + 1, 2 * len(steps) + 2), dtype=int)
    for place in pixels(levels):
        alike = [other for other in around(levels, place, steps) if abs(other - levels[place]) <= alpha]
        table[levels[place], 1 + len(alike)] += 1
    return table


def tone_differences(levels, steps, *, lonely):
    """Pixels that count and sum of their differences to the mean of their neighbours, by level."""
    counts, sums = np.zeros(levels.max() + 1, dtype=int), np.zeros(levels.max() + 1)
    for place in pixels(levels):
        neighbours = around(levels, place, steps)
        counts[levels[place]] += bool(neighbours) or lonely
        sums[levels[place]] += abs(levels[place] - np.mean(neighbours)) if neighbours else 0
    return counts, sums


def entropy(p):
    return float(-(p[p > 0] * np.log2(p[p > 0])).sum())


def size_statistics(table, n_pixels):
    """Statistics of counts by level and size, with sums over all i and j."""
    number = table.sum()
    p = table / number
    i, j = (np.maximum(axis, 1).astype(float) for axis in np.indices(table.shape))  # none has level or size 0
    by_level, by_size = table.sum(axis=1), table.sum(axis=0)
    level_mean, size_mean = (p * i).sum(), (p * j).sum()
    return [
        *((p * w).sum() for w in (1 / j**2, j**2, 1 / i**2, i**2)),
        *((p * w).sum() for w in (1 / (i * j) ** 2, (i / j) ** 2, (j / i) ** 2, (i * j) ** 2)),
        *((by**2).sum() / number**k for by in (by_level, by_size) for k in (1, 2)),
        number / n_pixels,
        (p * (i - level_mean) ** 2).sum(),
        (p * (j - size_mean) ** 2).sum(),
        entropy(p),
        (p**2).sum(),
    ]


def cooccurrence_statistics(table, n_levels):
    """Statistics of a table of pairs; the last row is the highest level of the image, which has so many."""
    p = table / table.sum()
    i, j = np.indices(p.shape).astype(float)
    px, py = p.sum(axis=1), p.sum(axis=0)
    mx, my = (p * i).sum(), (p * j).sum()
    vx, vy = (p * (i - mx) ** 2).sum(), (p * (j - my) ** 2).sum()
    away = abs(i - j)
    of_sum = np.bincount((i + j).astype(int).ravel(), p.ravel())
    of_difference = np.bincount(away.astype(int).ravel(), p.ravel())
    average = (p * away).sum()
    independent = np.outer(px, py)
    both = independent > 0
    hx, hy, hxy = entropy(px), entropy(py), entropy(p)
    hxy1, hxy2 = -(p[both] * np.log2(independent[both])).sum(), entropy(independent)
    scaled = np.divide(p, np.sqrt(independent), out=np.zeros_like(p), where=both)
    top = len(p) - 1
    return {
        "autocorrelation": (p * i * j).sum(),
        "cluster_prominence": (p * (i + j - mx - my) ** 4).sum(),
        "cluster_shade": (p * (i + j - mx - my) ** 3).sum(),
        "cluster_tendency": (p * (i + j - mx - my) ** 2).sum(),
        "contrast": (p * away**2).sum(),
        "correlation": (p * (i - mx) * (j - my)).sum() / np.sqrt(vx * vy) if vx * vy > 1e-12 else 1.0,
        "difference_average": average,
        "difference_entropy": entropy(of_difference),
        "difference_variance": (p * (away - average) ** 2).sum(),
        "id": (p / (1 + away)).sum(),
        "idm": (p / (1 + away**2)).sum(),
        "idmn": (p / (1 + (away / top) ** 2)).sum(),
        "idn": (p / (1 + away / top)).sum(),
        "imc1": (hxy - hxy1) / max(hx, hy) if max(hx, hy) > 0 else 0.0,
        "imc2": np.sqrt(1 - np.exp(-2 * max(hxy2 - hxy, 0))),
        "inverse_variance": (p[away > 0] / away[away > 0] ** 2).sum(),
        "joint_average": mx,
        "joint_energy": (p**2).sum(),
        "joint_entropy": hxy,
        "mcc": np.linalg.svd(scaled, compute_uv=False)[1] if n_levels > 1 else 1.0,
        "maximum_probability": p.max(),
        "sum_average": mx + my,
        "sum_entropy": entropy(of_sum),
        "sum_squares": vx,
    }


def tone_statistics(counts, sums):
    """Statistics of gray-tone differences, with sums over all pairs of levels that count."""
    if not sums.any():  # a flat region, or none with neighbours: as coarse as can be
        return {"busyness": 0, "coarseness": 1e6, "complexity": 0, "contrast": 0, "strength": 0}
    n, s, i = counts[counts > 0], sums[counts > 0], np.flatnonzero(counts)
    p = n / n.sum()
    a, b = np.meshgrid(np.arange(len(n)), np.arange(len(n)))
    busy = abs(i[a] * p[a] - i[b] * p[b]).sum()
    return {
        "busyness": (p * s).sum() / busy if busy > 0 else 0,
        "coarseness": 1 / (p * s).sum(),
        "complexity": (abs(i[a] - i[b]) * (p[a] * s[a] + p[b] * s[b]) / (p[a] + p[b])).sum() / n.sum(),
        "contrast": (p[a] * p[b] * (i[a] - i[b]) ** 2).sum()
        / max(len(n) * (len(n) - 1), 1)
        * (s.sum() / n.sum()),
        "strength": ((p[a] + p[b]) * (i[a] - i[b]) ** 2).sum() / s.sum(),
    }


def told(step):
    """Name a step: back 1, down 1 and left 2 is ``back1_down1_left2``."""
    words = (("front", "back"), ("up", "down"), ("left", "right"))
    return "_".join(f"{pair[k > 0]}{abs(k)}" for pair, k in zip(words, step, strict=True) if k)


def _put_together(rows, directions, steps):
    """Average features over directions, or name them after each."""
    if directions == "each":
        named = zip(rows, map(told, steps), strict=True)
        return {f"{name}_{direction}": value for row, direction in named for name, value in row.items()}
    return {name: np.mean([row[name] for row in rows]) for name in rows[0]}


def _glcm(levels, *, image, distances, deep, symmetric, directions, **_):
    steps = half_offsets(distances, deep=deep)
    missing = image.max() - levels.max()
    tables = [np.pad(pairs(levels, step, symmetric=symmetric), (0, missing)) for step in steps]
    alone = np.diag(
        np.bincount(levels[levels > 0], minlength=image.max() + 1)
    )  # each pixel its own neighbour
    if directions == "merge":
        tables = [sum(tables) if any(table.any() for table in tables) else alone]
    elif directions == "each" or not any(table.any() for table in tables):
        tables = [table if table.any() else alone for table in tables]
    n_levels = len(np.unique(image[image > 0]))
    rows = [cooccurrence_statistics(table, n_levels) for table in tables if table.any()]
    return _put_together(rows, directions, steps)


def _glrlm(levels, *, deep, directions, standard, **_):
    steps = half_offsets([1], deep=deep)
    crowded = [step for step in steps if shares_a_line(levels, step)]
    counted = crowded if crowded and standard == "pyradiomics" and directions != "each" else steps
    tables, number = [runs(levels, step) for step in counted], np.count_nonzero(levels)
    if directions == "merge":
        return _named("glrlm", size_statistics(sum(tables), number * len(tables)))
    rows = [_named("glrlm", size_statistics(table, number)) for table in tables]
    return _put_together(rows, directions, steps)


def _named(family, values):
    return dict(zip(STATISTICS[family].split(), values, strict=False))


def _glszm(levels, *, deep, **_):
    return _named("glszm", size_statistics(zone_sizes(levels, deep=deep), np.count_nonzero(levels)))


def _gldzm(levels, *, deep, **_):
    return _named("gldzm", size_statistics(zone_distances(levels, deep=deep), np.count_nonzero(levels)))


def _gldm(levels, *, distances, deep, alpha, **_):
    table = dependences(levels, half_offsets(distances, deep=deep), alpha)
    return _named("gldm", size_statistics(table, np.count_nonzero(levels)))


def _ngtdm(levels, *, distances, deep, standard, **_):
    lonely = standard == "pyradiomics"
    return tone_statistics(*tone_differences(levels, half_offsets(distances, deep=deep), lonely=lonely))


FAMILIES = {"glcm": _glcm, "glrlm": _glrlm, "glszm": _glszm, "gldm": _gldm, "ngtdm": _ngtdm, "gldzm": _gldzm}


def features(levels, family, *, image=None, **settings):
    """Features by name, ``glcm_contrast`` and so on, of an image, or of a part of one."""
    known = {
        **{"distances": (1,), "deep": True, "symmetric": True, "alpha": 0, "directions": "average"},
        **{"standard": "pyradiomics", "image": levels if image is None else image, **settings},
    }
    values = {f"{family}_{name}": value for name, value in FAMILIES[family](levels, **known).items()}
    if known["standard"] == "ibsi":
        return values
    return {name: value for name, value in values.items() if name not in IBSI_ONLY}
