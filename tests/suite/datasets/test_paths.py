"""Where the files of a grid are looked for."""

import pytest

from suite.datasets._paths import Locator
from suite.errors import DataError


@pytest.fixture
def folders(tmp_path):
    for name in ("grids", "store"):
        (tmp_path / name).mkdir()
    return tmp_path / "grids", tmp_path / "store"


def test_beside_the_grid_first_then_under_suite_data(folders):
    grids, store = folders
    locate = Locator.for_grid(grids, {"SUITE_DATA": str(store)})
    (store / "a.csv").touch()
    assert locate("a.csv") == store / "a.csv"
    (grids / "a.csv").touch()
    assert locate("a.csv") == grids / "a.csv"
    assert locate(str(store / "a.csv")) == store / "a.csv"


def test_a_missing_path_tells_where_it_was_looked_for_and_what_is_near(folders):
    grids, store = folders
    (store / "cxr").mkdir()
    (store / "cxr/manifest.csv").touch()
    with pytest.raises(DataError) as caught:
        Locator.for_grid(grids, {"SUITE_DATA": str(store)})("cxr/manifst.csv")
    assert str(caught.value) == (
        f"cxr/manifst.csv: no such file or folder; looked for {grids}/cxr/manifst.csv, "
        f"{store}/cxr/manifst.csv. Did you mean 'manifest.csv'?"
    )


def test_without_suite_data_the_message_mentions_it(folders):
    with pytest.raises(DataError, match="SUITE_DATA may name a further folder"):
        Locator.for_grid(folders[0], {})("nothing.csv")
