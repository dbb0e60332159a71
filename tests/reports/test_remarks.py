"""A remark stands beside a name in every table, and what is quoted of that name still finds it."""

import pandas as pd

from reports.remarks import with_remarks

CELLS = pd.DataFrame(
    {
        "extractor": ["deep", "deep", "glcm", "deep"],
        "classifier": ["svm", "net", "svm", "net"],
        "protocol": ["clean", "clean", "clean", "leaky"],
        "protocol_remark": ["", "", "", "leaky: augmented before split"],
        "role": ["cell", "cell", "cell", "ablation"],
        "extractor_remark": ["random weights", "random weights", "", ""],
        "classifier_remark": ["", "random weights", None, ""],
    }
)
QUOTED = [{"source": "A", "extractor": "deep", "accuracy": 0.9}, {"source": "B", "classifier": "svm"}]


def test_names_are_followed_by_their_remarks():
    folds = pd.DataFrame({"protocol": ["leaky", "clean", "leaky"], "part": ["train", "test", "test"]})
    given = {"cells": CELLS, "metrics": CELLS.iloc[:2], "folds": folds}
    tables, grid = with_remarks(given, {"published": QUOTED})
    extractors = ["deep (random weights)", "deep (random weights)", "glcm", "deep"]
    assert tables["cells"]["extractor"].tolist() == extractors
    assert tables["cells"]["classifier"].tolist() == ["svm", "net (random weights)", "svm", "net"]
    assert tables["metrics"]["extractor"].tolist() == extractors[:2]
    shown = "leaky (leaky: augmented before split)"
    assert tables["cells"]["protocol"].tolist() == ["clean", "clean", "clean", shown]
    assert tables["folds"]["protocol"].tolist() == [shown, "clean", shown]
    assert grid["published"][0]["extractor"] == "deep (random weights)"
    assert grid["published"][1] == QUOTED[1]


def test_without_remarks_all_stays_as_it_is():
    plain = CELLS.assign(protocol_remark="", extractor_remark="", classifier_remark="")
    given = {"cells": plain, "metrics": plain, "folds": plain[["protocol"]]}
    tables, grid = with_remarks(given, {"published": QUOTED})
    pd.testing.assert_frame_equal(tables["cells"], plain)
    assert grid["published"] == QUOTED
