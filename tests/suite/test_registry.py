"""Plugins are found by file name, described without being imported, and refused when ambiguous."""

import sys

import pytest

from suite.errors import GridError, UnknownPluginError
from suite.registry import Registry

EXTRACTOR = '''\
"""My features."""

import numpy as np

__all__ = ["Mean"]


class Mean:
    """Mean gray value [1]_ of an image."""

    def __init__(self, scale=2.0):
        self.scale = scale

    def get_params(self, deep=True):
        return {"scale": self.scale}

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return np.array([[self.scale * image.mean()] for image in X])

    def get_feature_names_out(self):
        return ["mean"]
'''


@pytest.fixture
def own_file(tmp_path):
    path = tmp_path / "my_mean.py"
    path.write_text(EXTRACTOR)
    return path


def test_a_file_is_a_plugin(own_file):
    registry = Registry((own_file,))
    assert "my_mean" in registry.names("extractors")
    assert "my_mean" not in registry.names("classifiers")
    assert registry.create("extractors", "my_mean", {"scale": 3.0}).scale == 3.0
    assert registry.parameters("extractors", "my_mean") == ("scale",)


def test_it_is_described_without_being_imported(tmp_path):
    path = tmp_path / "never_imported.py"
    path.write_text(EXTRACTOR.replace("import numpy", "raise RuntimeError('imported')\nimport numpy"))
    info = {i.name: i for i in Registry((path,)).describe("extractors")}["never_imported"]
    assert info.summary == "Mean gray value of an image."
    assert info.parameters == ("scale=2.0",)
    assert not [name for name in sys.modules if "never_imported" in name]


def test_every_shipped_plugin_is_described():
    for kind in ("extractors", "classifiers", "datasets"):
        for info in Registry().describe(kind):
            assert info.summary.endswith("."), info


def test_an_unknown_name_gets_the_nearest():
    with pytest.raises(
        UnknownPluginError, match=r"no extractor 'glmc'. Did you mean 'glcm'\? Available: .*dwt"
    ):
        Registry().load("extractors", "glmc")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("x = 1\n", "names its one public class in __all__"),
        ('__all__ = ["A"]\nclass A:\n    pass\n', "neither transform"),
        ("class A(:\n", "invalid syntax|was never closed|expected"),
    ],
)
def test_a_file_that_is_no_plugin_is_refused(tmp_path, source, message):
    path = tmp_path / "mine.py"
    path.write_text(source)
    with pytest.raises(GridError, match=message):
        Registry((path,))


def test_two_files_of_one_name_are_refused(own_file, tmp_path):
    other = tmp_path / "elsewhere" / own_file.name
    other.parent.mkdir()
    other.write_text(EXTRACTOR)
    with pytest.raises(GridError, match="another file gives 'my_mean' already"):
        Registry((own_file, other))
