import pytest

from xpnet.backend import get_backend
from xpnet.errors import ShapeError
from xpnet.training.recipe_file import check_recipe
from xpnet.training.start import start


def _start(document):
    return start(check_recipe(document, "test"), get_backend("numpy"))


def test_an_output_that_fits_no_label_code_names_the_line_to_change(document):
    document["machine"]["modules"][2]["out_features"] = 2
    told = r"2 numbers, label codes have length 3: set out_features of the last Linear \(machine\.modules\.2\) to 3"
    with pytest.raises(ShapeError, match=told):
        _start(document)


def test_an_energy_for_each_label(document):
    del document["cost"], document["labels"]
    document |= {"loss": {"name": "NegativeLogLikelihood"}, "junk": {"label": "2"}}
    with pytest.raises(
        ShapeError, match=r"answers 3 numbers, 2 labels need an energy each: set out_features of .* to 2"
    ):
        _start(document)
    document["machine"]["modules"] = [{"module": "Tanh"}]
    with pytest.raises(ShapeError, match=r"answers 4 numbers, .*: end the machine in a module with 2 outputs"):
        _start(document)


def test_samples_that_do_not_fit_the_first_module(document):
    document["machine"]["modules"][0]["in_features"] = 5
    told = (
        r"machine\.modules\.0 \(Linear\) does not fit, samples have shape \(4,\): .*Change its sizes: in_features = 4"
    )
    with pytest.raises(ShapeError, match=told):
        _start(document)


def test_modules_that_do_not_fit_each_other(document):
    document["machine"]["modules"][2]["in_features"] = 7
    told = r"machine\.modules\.2 \(Linear\) does not fit, it gets \(6,\): .*Change its sizes: in_features = 6"
    with pytest.raises(ShapeError, match=told):
        _start(document)


def test_centres_are_placed_only_in_a_machine_that_fits(document):
    document["machine"]["modules"][0] = {"module": "Distance", "in_features": 5, "n_centres": 6}
    with pytest.raises(ShapeError, match=r"machine\.modules\.0 \(Distance\) does not fit"):
        _start({**document, "kmeans": {}})
