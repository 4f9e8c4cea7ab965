import inspect

import pytest

from xpnet.data.sources import SOURCES
from xpnet.training.recipe import DataSection


@pytest.mark.parametrize("name", SOURCES)
def test_no_argument_of_a_source_hides_a_key_of_the_section(name):
    assert not inspect.signature(SOURCES[name]).parameters.keys() & DataSection.model_fields.keys()
