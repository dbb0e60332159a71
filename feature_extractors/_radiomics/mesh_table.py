"""The surface within a cell of eight voxels, for each way in which these can be inside a region.

Marching cubes [1]_: vertices lie in the middle of the cell's edges between a voxel inside and one outside.
Several triangulations of the same vertices are possible. This one has, for each of the 256 configurations,
the area and the volume that pyradiomics 3.0.1 computes of a mask of 2×2×2 voxels at spacings that differ
along the axes; it was found by going through all triangulations, and the tests compare it again.

.. [1] Lorensen, Cline (1987), Marching cubes: a high resolution 3D surface construction algorithm,
   doi:10.1145/37401.37422
"""

from __future__ import annotations

import numpy as np

__all__ = ["cell_triangles"]

# Edges by the corners at their ends; corner 4z + 2y + x.
EDGES = (
    (0, 1), (0, 2), (0, 4), (1, 3), (1, 5), (2, 3), (2, 6), (3, 7), (4, 5), (4, 6), (5, 7), (6, 7),
)  # fmt: skip

# Triangles by the edges (hexadecimal) that hold their corners, in an order that turns right around a normal
# out of the region. Place c: the corners k with bit k of c set are inside. Of 255 - c, in which inside and
# outside are exchanged, the triangles are the same and turn the other way.
TRIANGLES = (
    "", "210", "034", "132 342",
    "651", "260 650", "340 165", "653 634 642",
    "357", "021 573", "054 574", "152 572 742",
    "671 731", "267 270 730", "014 164 674", "672 742",
    "289", "890 910", "034 892", "139 348 389",
    "651 289", "895 965 850", "034 651 289", "483 893 963 653",
    "289 357", "081 891 573", "054 574 892", "157 178 748 189",
    "671 731 289", "890 967 970 730", "014 164 674 289", "486 896 467",
    "a84", "210 4a8", "038 3a8", "13a 1a2 a82",
    "651 a84", "260 650 4a8", "3a0 a80 165", "652 53a 5a2 a82",
    "357 a84", "210 357 a84", "058 578 7a8", "152 572 7a2 a82",
    "671 731 a84", "267 270 730 a84", "016 06a 67a 0a8", "672 7a2 a82",
    "249 4a9", "4a0 a91 a10", "032 3a9 392", "139 3a9",
    "651 249 4a9", "4a0 a96 a60 650", "3a9 390 920 651", "a93 963 653",
    "249 4a9 357", "041 4a1 a91 357", "052 572 7a2 a92", "157 17a 1a9",
    "671 731 249 4a9", "4a0 a90 960 670 730", "016 067 07a 0a9 092", "679 7a9",
    "9b6", "290 9b0 b60 610", "034 9b6", "13b 34b 42b 29b 1b6",
    "9b1 b51", "290 9b0 b50", "194 9b4 b54 534 140", "9b2 b53 b32 342",
    "356 369 397 9b7", "023 293 9b3 b73 156", "059 569 094 9b7 974", "156 9b2 b72 742",
    "9b3 b73 931", "290 9b0 b70 730", "014 19b 1b4 b74", "9b2 b72 742",
    "286 8b6", "8b0 b60 610", "032 348 38b 3b6 362", "134 146 48b 4b6",
    "281 8b5 851", "8b0 b50", "012 345 485 8b5", "483 8b5 853",
    "283 8b3 b73 236 356", "08b 0b3 b73 561", "052 562 8b4 b74", "156 487 8b7",
    "281 8b7 871 731", "8b0 b70 730", "012 8b4 b74", "487 8b7",
    "ab4 b64 694 984", "4a0 ab0 b60 610 982", "036 3a6 ab6 068 698", "13a 1a6 ab6 982",
    "984 941 4ab 4b5 451", "4a0 ab0 b50 298", "190 980 3a5 ab5", "982 ab3 b53",
    "354 564 694 984 ab7", "430 156 982 ab7", "058 568 698 7ab", "156 982 7ab",
    "983 843 931 ab7", "430 298 ab7", "018 198 ab7", "982 ab7",
    "246 4a6 ab6", "4a0 ab0 b60 610", "032 3ab 3b2 b62", "13a 1a6 ab6",
    "241 4a1 ab1 b51", "4a0 ab0 b50", "120 3a5 ab5", "ab3 b53",
    "246 435 456 ab7", "043 561 ab7", "052 562 7ab", "156 7ab",
    "241 431 ab7", "430 ab7", "012 ab7", "ab7",
)  # fmt: skip


def cell_triangles(configuration: int) -> np.ndarray:
    """Return the triangles of one of 256 configurations.

    Parameters
    ----------
    configuration : int
        Sum of ``2 ** (4z + 2y + x)`` over the voxels inside, with z, y and x 0 or 1.

    Returns
    -------
    ndarray of float64, shape (n_triangles, 3, 3)
        Corners of each triangle, (z, y, x) in units of voxels from the centre of the first voxel.

    Examples
    --------
    One voxel: a triangle that cuts off its corner.

    >>> cell_triangles(1)
    array([[[0.5, 0. , 0. ],
            [0. , 0.5, 0. ],
            [0. , 0. , 0.5]]])
    """
    mirrored = configuration > 127
    listed = TRIANGLES[255 - configuration if mirrored else configuration].split()
    corners = np.array([[k >> 2 & 1, k >> 1 & 1, k & 1] for k in range(8)])
    middles = np.array([(corners[a] + corners[b]) / 2 for a, b in EDGES])
    triangles = [middles[[int(edge, 16) for edge in triangle]] for triangle in listed]
    made = np.array(triangles).reshape(-1, 3, 3)
    return made[:, ::-1] if mirrored else made
