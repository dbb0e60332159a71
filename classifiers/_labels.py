"""Labels of any kind, as positions among the sorted classes."""

from __future__ import annotations

import numpy as np
from sklearn.utils.multiclass import check_classification_targets


def encode_labels(y, caller):
    """Return the sorted classes and each row's position among them.

    Raises
    ------
    ValueError
        If y is not made of classes, or has fewer than two of them.

    Examples
    --------
    >>> import numpy as np
    >>> classes, codes = encode_labels(np.array(["normal", "covid", "normal"]), "SVM")
    >>> classes.tolist(), codes.tolist()
    (['covid', 'normal'], [1, 0, 1])
    """
    check_classification_targets(y)
    classes, codes = np.unique(y, return_inverse=True)
    if len(classes) < 2:
        raise ValueError(
            f"{caller} needs at least two classes; y has one class, {classes[0]!s}, in all {len(y)} samples."
        )
    return classes, codes
