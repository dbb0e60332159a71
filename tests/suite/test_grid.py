"""A grid is read as a whole: defaults filled in, and every mistake told at once with its path and line."""

import pytest
import yaml

from suite.errors import GridError
from suite.grid_reader import read_grid
from suite.resolved import resolved
from suite.yaml_reader import dump_yaml

SHORTEST = """\
name: short
dataset: {type: phantom}
extractors: [glcm, dwt]
classifiers: [svm, knn]
"""


@pytest.fixture
def write(tmp_path):
    def write_text(text):
        path = tmp_path / "grid.yaml"
        path.write_text(text)
        return path

    return write_text


def problems_of(path, **options):
    with pytest.raises(GridError) as error:
        read_grid(path, **options)
    return [str(problem) for problem in error.value.problems]


def test_the_shortest_grid(write):
    grid = read_grid(write(SHORTEST))
    assert list(grid.datasets) == ["short"]
    assert list(grid.tasks) == ["all_classes"]
    assert list(grid.preprocessings) == ["none"]
    assert {name: p.folds for name, p in grid.protocols.items()} == {"kfold": 10}
    assert [spec.type for spec in grid.extractors.values()] == ["glcm", "dwt"]


def test_the_resolved_grid_is_a_grid_and_resolves_to_itself(write):
    text = SHORTEST.replace("[glcm, dwt]", "{a: {type: glcm, levels: 16}, dwt: , both: {fuse: [a, dwt]}}")
    first = resolved(read_grid(write(text)))
    assert first["extractors"]["a"]["levels"] == 16
    assert first["extractors"]["both"] == {"fuse": ["a", "dwt"]}
    assert resolved(read_grid(write(dump_yaml(first)))) == first


def test_fusions_of_fusions_are_flattened(write):
    text = SHORTEST.replace(
        "[glcm, dwt]", "{glcm: {}, dwt: {}, lbp: {}, x: {fuse: [glcm, dwt]}, y: {fuse: [x, lbp]}}"
    )
    assert [part.type for part in read_grid(write(text)).parts("y")] == ["glcm", "dwt", "lbp"]


MISTAKES = [
    ("nmae: x\n" + SHORTEST, r"nmae \(line 1\): unknown key. Did you mean 'name'\?"),
    (SHORTEST.replace("name: short\n", ""), "name: this key is needed"),
    (SHORTEST.replace("name: short", "name: [1]"), r"name \(line 1\): .*string"),
    (SHORTEST.replace("name: short", "name: ../../etc"), r"name \(line 1\)"),
    (SHORTEST.replace("dataset: {type: phantom}\n", ""), "dataset: this key is needed"),
    (
        SHORTEST.replace("type: phantom", "type: phantoom"),
        r"dataset.type \(line 2\): there is no dataset 'phantoom'. Did",
    ),
    (
        SHORTEST.replace("type: phantom", "type: phantom, patients: -3"),
        r"dataset.patients \(line 2\): .*greater",
    ),
    (
        SHORTEST.replace("type: phantom", "type: phantom, size: 1000000000"),
        r"dataset.size \(line 2\): .*less",
    ),
    (SHORTEST.replace("type: phantom", "type: phantom, szie: 3"), "dataset.szie .*Did you mean 'size'"),
    (
        SHORTEST.replace("glcm", "glmc"),
        r"extractors.glmc \(line 3\): there is no extractor 'glmc'. Did you mean 'glcm'",
    ),
    (
        SHORTEST.replace("[svm, knn]", "[svm, randm_forest]"),
        "no classifier 'randm_forest'. Did you mean 'random_forest'",
    ),
    (SHORTEST.replace("[svm, knn]", "[]"), r"classifiers \(line 4\): this is empty"),
    (SHORTEST.replace("[svm, knn]", "{}"), r"classifiers \(line 4\): this is empty"),
    (SHORTEST.replace("[svm, knn]", "[svm, svm]"), "'svm' is named twice"),
    (SHORTEST.replace("[svm, knn]", "{svm: {}, svm: {}}"), "svm: written twice, on lines 4 and 4"),
    (SHORTEST.replace("[svm, knn]", "7"), r"classifiers \(line 4\)"),
    (SHORTEST.replace("[svm, knn]", "{svm: 3}"), r"classifiers.svm \(line 4\)"),
    (
        SHORTEST.replace("[glcm, dwt]", "{glcm: {levles: 3}}"),
        r"extractors.glcm.levles .*Did you mean 'levels'",
    ),
    (SHORTEST.replace("[glcm, dwt]", "{glcm: {levels: -3}}"), r"extractors.glcm \(line 3\): .*levels.*-3"),
    (
        SHORTEST.replace("[glcm, dwt]", "{glcm: {levels: many}}"),
        r"extractors.glcm \(line 3\): .*levels.*many",
    ),
    (
        SHORTEST.replace("[svm, knn]", "{svm: {tune: {c: [1]}}}"),
        r"classifiers.svm \(line 4\): .*'tune'.*'c'. Expected: C",
    ),
    (
        SHORTEST.replace("[svm, knn]", "{svm: {select: {type: best}}}"),
        r"classifiers.svm \(line 4\): .*select",
    ),
    (SHORTEST.replace("[glcm, dwt]", "{glcm: {}, a: {fuse: [glcm, dtw]}}"), "no extractor 'dtw'"),
    (SHORTEST.replace("[glcm, dwt]", "{a: {fuse: [b]}, b: {fuse: [a]}}"), "this fusion contains itself"),
    (SHORTEST.replace("[glcm, dwt]", "{glcm: {}, a: {fuse: []}}"), "fuse"),
    (SHORTEST + "protocol: {type: kfold, folds: -2}\n", r"protocol.folds \(line 5\): .*greater.*-2"),
    (SHORTEST + "protocols: {a: {type: kfold, fold: 3}}\n", r"protocols.a.fold \(line 5\): unknown key"),
    (SHORTEST + "protocols: {a: {type: kflod}}\n", r"protocols.a"),
    (SHORTEST + "protocols: {}\n", r"protocols \(line 5\): this is empty"),
    (SHORTEST + "preprocessing: [clahee]\n", r"preprocessing.0 \(line 5\): .*Did you mean 'clahe'"),
    (SHORTEST + "preprocessing: [resize: {size: 1000000000}]\n", r"preprocessing.0.resize.size \(line 5\)"),
    (SHORTEST + "preprocessing: resize\n", r"preprocessing \(line 5\): .*list"),
    (SHORTEST + "datasets: {a: {type: phantom}}\n", "either dataset or datasets"),
    (SHORTEST + "tasks: {t: {classes: [a]}}\n", r"tasks.t.classes \(line 5\)"),
    (SHORTEST + "tasks: {t: {classes: [a, b], positive: c}}\n", "no class 'c'"),
    (SHORTEST + "tasks: {t: {classes: [a, b, c], positive: c}}\n", "only a task with two classes"),
    (SHORTEST + "tasks: {t: {classes: {x: [a], y: [a, b]}}}\n", "the label 'a' is in two classes"),
    (SHORTEST + "metrics: [accuracy, acuracy]\n", "no metric 'acuracy'. Did you mean 'accuracy'"),
    (SHORTEST + "exclude: [{extractor: glmc}]\n", "the grid has no extractor 'glmc'. Did you mean 'glcm'"),
    (SHORTEST + "published: [{source: x, classifer: svm}]\n", "Did you mean 'classifier'"),
    (SHORTEST + "published: [{source: x, accuracy: high}]\n", "a number is expected"),
    (SHORTEST + "plugins: [nowhere.py]\n", "no file 'nowhere.py'"),
    (
        SHORTEST + "ablations: {of: {extractor: x, classifier: svm}, variants: {a: {run.seed: 1}}}\n",
        "no extractor 'x'",
    ),
    (
        SHORTEST
        + "ablations: {of: {extractor: glcm, classifier: svm}, variants: {a: {extractors.glmc.levels: 1}}}\n",
        r"ablations.variants.a",
    ),
    (
        SHORTEST + "ablations: {of: {extractor: glcm, classifier: svm}, variants: {a: {}}}\n",
        "changes nothing",
    ),
    (SHORTEST + "run: {jobs: 0}\n", r"run.jobs \(line 5\)"),
    (SHORTEST + "run: {seed: -1}\n", r"run.seed \(line 5\)"),
    (SHORTEST + "report: {formats: [pdf]}\n", r"report.formats.0 \(line 5\): .*'pdf'"),
    ("", "a grid is a mapping"),
    ("just text", "a grid is a mapping"),
    ("- a\n- b", "a grid is a mapping"),
]


@pytest.mark.parametrize(("text", "message"), MISTAKES, ids=[str(k) for k in range(len(MISTAKES))])
def test_each_mistake_is_told_with_its_path(write, text, message):
    with pytest.raises(GridError, match=message):
        read_grid(write(text))


def test_all_mistakes_of_a_file_come_at_once(write):
    text = """\
name: many
nmae: x
dataset: {type: phantom, patients: 0, szie: 1}
preprocessing: [clahee, {resize: {size: -1}}]
extractors: {glmc: {}, dwt: {wavelet: 7}, lbp: {redii: 1}}
classifiers: {svm: {kernel: cubic}}
protocol: {type: kfold, folds: 1}
metrics: [acuracy]
"""
    found = "\n".join(problems_of(write(text)))
    for path in (
        "nmae (line 2)",
        "dataset.patients (line 3)",
        "dataset.szie (line 3)",
        "preprocessing.0 (line 4)",
        "preprocessing.1.resize.size (line 4)",
        "extractors.glmc (line 5)",
        "extractors.dwt (line 5)",
        "extractors.lbp.redii (line 5)",
        "classifiers.svm (line 6)",
        "protocol.folds (line 7)",
        "metrics (line 8)",
    ):
        assert path in found, f"{path} is missing in:\n{found}"


def test_set_changes_a_value_and_tells_of_a_wrong_path(write):
    path = write(SHORTEST)
    assert read_grid(path, {"run.seed": 7, "dataset.patients": 3}).run.seed == 7
    assert "Did you mean 'glcm'" in problems_of(path, changes={"extractors.glmc.levels": 3})[0]


def test_two_plugins_of_one_name_are_refused(write, tmp_path):
    plugin = '__all__ = ["X"]\n\n\nclass X:\n    """X."""\n\n    def transform(self, X):\n        """T."""\n'
    (tmp_path / "glcm.py").write_text(plugin)
    with pytest.raises(GridError, match="Two extractors are named 'glcm'"):
        read_grid(write(SHORTEST + "plugins: [glcm.py]\n"))


def test_a_plugin_that_cannot_be_imported_is_told_with_its_mistake(write, tmp_path):
    plugin = '__all__ = ["X"]\nlevels = levles\n\n\nclass X:\n    """X."""\n\n'
    (tmp_path / "broken.py").write_text(plugin + '    def transform(self, X):\n        """T."""\n')
    text = SHORTEST.replace("[glcm, dwt]", "[broken]") + "plugins: [broken.py]\n"
    for _ in range(2):  # nothing half-imported is left behind
        with pytest.raises(GridError, match=r"broken\.py cannot be imported: NameError: name .levles."):
            read_grid(write(text))


def test_the_shipped_grids_are_valid():
    from pathlib import Path

    for path in sorted((Path(__file__).parents[2] / "grids").glob("*.yaml")):
        assert read_grid(path).name == yaml.safe_load(path.read_text())["name"]
