import shutil
import tempfile
from pathlib import Path

import pytest

from tests.dev.processes import engines_of


@pytest.fixture
def data():
    """A folder for engines, with a name short enough for a socket."""
    folder = Path(tempfile.mkdtemp(prefix="coop-"))
    yield folder / "test"
    left = engines_of(folder)
    shutil.rmtree(folder, ignore_errors=True)
    assert left == []
