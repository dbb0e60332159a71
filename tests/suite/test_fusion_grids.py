"""Fusions of scores in a grid file: each mistake told with its path, and what a right one becomes."""

import jsonschema
import pytest
import yaml

from suite.errors import GridError
from suite.grid_reader import read_grid
from suite.registry import Registry
from suite.resolved import resolved
from suite.schema import grid_schema
from suite.yaml_reader import dump_yaml

SHORT = """\
name: short
dataset: {type: phantom}
extractors: {glcm: {}, dwt: {}, pixels: {}}
classifiers: {svm: {}, knn: {}, cov19net: {}, dummy: {}}
"""
SVM, KNN = "{extractor: glcm, classifier: svm}", "{extractor: dwt, classifier: knn}"
MISTAKES = [
    (f"a: {{of: [{SVM}]}}", r"fusions.a.of \(line 6\): .*at least 2 items"),
    ("a: {of: []}", "fusions.a.of .*empty; at least 2 entries are needed"),
    ("a: {weights: learn}", "fusions.a.of.*this key is needed"),
    (f"a: {{of: [{SVM}, {KNN}], weightz: learn}}", "fusions.a.weightz.*Did you mean 'weights'"),
    (f"a: {{of: [{SVM}, {{extractor: glcm, clasifier: knn}}]}}", "of.1.clasifier.*Did you mean 'classifier'"),
    (
        f"a: {{of: [{SVM}, {{extractor: glmc, classifier: knn}}]}}",
        "of.1.extractor.*'glmc'. Did you mean 'glcm'",
    ),
    (
        f"a: {{of: [{SVM}, {{extractor: glcm, classifier: kmn}}]}}",
        "of.1.classifier.*'kmn'. Did you mean 'knn'",
    ),
    (f"a: {{of: [{SVM}, {{extractor: glcm, classifier: cov19net}}]}}", "of.1 .*cov19net takes images"),
    (f"a: {{of: [{{extractor: glcm, classifier: dummy}}, {SVM}]}}", "of.0 .*dummy looks at no features"),
    (f"a: {{of: [{SVM}, {SVM}]}}", "of.1 .*a member twice"),
    (f"a: {{of: [{SVM}, {{extractor: score fusion, classifier: a}}]}}", "of.1 .*cannot be a member"),
    (f"a: {{of: [{SVM}, {KNN}], weights: [1]}}", "fusions.a.weights .*2 members and 1 weights"),
    (f"a: {{of: [{SVM}, {KNN}], weights: [1, -1]}}", "fusions.a.weights .*none is negative"),
    (f"a: {{of: [{SVM}, {KNN}], weights: [0, 0]}}", "fusions.a.weights .*one at least is above 0"),
    (f"a: {{of: [{SVM}, {KNN}], weights: [.inf, 1]}}", "fusions.a.weights .*finite"),
    (f"a: {{of: [{SVM}, {KNN}], weights: learm}}", "fusions.a.weights .*learn, or a list.*got 'learm'"),
    (f"svm: {{of: [{SVM}, {KNN}]}}", "fusions.svm .*the name of a classifier"),
    (
        f"a: {{of: [{SVM}, {KNN}]}}\nexclude: [{{classifier: [knn]}}]",
        "of.1 .*dwt . knn is left out by exclude.0",
    ),
    (
        f"a: {{of: [{SVM}, {KNN}]}}\nablations: {{of: {{extractor: score fusion, classifier: knn}},"
        " variants: {b: {run.seed: 1}}}",
        "ablations.of .*goes with the name of a fusion",
    ),
    (f"a: {{of: [{SVM}, {KNN}]}}\nexclude: [{{classifier: aa}}]", "no classifier 'aa'. Did you mean 'a'"),
]


@pytest.mark.parametrize(("fusions", "message"), MISTAKES, ids=range(len(MISTAKES)))
def test_each_mistake_is_told_with_its_path(write_grid, fusions, message):
    with pytest.raises(GridError, match=message):
        read_grid(write_grid(f"{SHORT}fusions:\n  {fusions}\n"))


def test_mistakes_of_all_fusions_come_at_once(write_grid):
    first = f"a: {{of: [{SVM}, {{extractor: x, classifier: knn}}]}}"
    text = f"fusions:\n  {first}\n  b: {{of: [{SVM}, {KNN}], weights: [1]}}\n"
    with pytest.raises(GridError) as refused:
        read_grid(write_grid(SHORT + text))
    assert [problem.where.split(" (")[0] for problem in refused.value.problems] == [
        "grid.yaml: fusions.a.of.1.extractor",
        "grid.yaml: fusions.b.weights",
    ]


def test_the_resolved_grid_has_normalised_weights_and_resolves_to_itself(write_grid):
    fusions = f"fusions:\n  a: {{of: [{SVM}, {KNN}], weights: [3, 1]}}\n  b: {{of: [{SVM}, {KNN}]}}\n"
    first = resolved(
        read_grid(write_grid(SHORT + fusions + f"  c: {{of: [{SVM}, {KNN}], weights: learn}}\n"))
    )
    assert [fusion["weights"] for fusion in first["fusions"].values()] == [[0.75, 0.25], [0.5, 0.5], "learn"]
    assert resolved(read_grid(write_grid(dump_yaml(first)))) == first


@pytest.mark.parametrize(
    ("weights", "right"), [("learn", True), ("[1, 2]", True), ("lear", False), ("[1, -2]", False)]
)
def test_the_json_schema_knows_fusions(weights, right):
    grid = yaml.safe_load(f"{SHORT}fusions:\n  a: {{of: [{SVM}, {KNN}], weights: {weights}}}\n")
    assert jsonschema.Draft202012Validator(grid_schema(Registry())).is_valid(grid) == right
