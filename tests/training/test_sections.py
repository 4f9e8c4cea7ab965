import pytest
from pydantic import ValidationError

from xpnet.training.sections import NamedSection, Section, registered


class Named(NamedSection):
    name: str


class Closed(Section):
    size: int = 1


def stretch(factor: float) -> None:
    pass


def test_further_keys_are_arguments():
    section = Named.model_validate({"name": "stretch", "factor": 2.0})
    assert section.arguments == {"factor": 2.0}
    section.refuse_arguments(stretch)


def test_all_that_is_wrong_with_the_arguments_is_told_at_once():
    section = Named.model_validate({"name": "stretch", "facto": 2.0})
    with pytest.raises(ValueError, match=r"unknown key 'facto'; did you mean 'factor'\?.*; 'factor' is missing"):
        section.refuse_arguments(stretch)


def test_a_section_knows_all_its_keys_and_never_changes():
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        Closed.model_validate({"siz": 1})
    with pytest.raises(ValidationError, match="frozen"):
        Closed().size = 2


def test_unregistered_names_are_refused_with_the_nearest():
    assert registered("a", "thing", {"a": 1}) == "a"
    with pytest.raises(ValueError, match="unknown thing 'stretsh'; did you mean 'stretch'"):
        registered("stretsh", "thing", iter(["stretch"]))
