from dataclasses import replace

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import CheckpointError, RecipeError
from xpnet.training.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from xpnet.training.loop import train
from xpnet.training.recipe_file import check_recipe
from xpnet.training.snapshot import require_same_recipe, restore_parameters, resume_session, take_snapshot


@pytest.fixture
def trained(make_session):
    session = make_session(epochs=2)
    train(session)
    return session


def test_a_snapshot_holds_parameters_slots_and_scaling(trained):
    checkpoint = take_snapshot(trained)
    names = ["0.bias", "0.weight", "2.bias", "2.weight"]
    assert sorted(checkpoint.group("p")) == names
    assert sorted(checkpoint.group("o")) == [f"deltas/{name}" for name in names]
    assert sorted(checkpoint.group("s")) == ["factor", "offset"]
    assert (checkpoint.meta.position.epoch, checkpoint.meta.position.step) == (2, 12)
    assert len(checkpoint.meta.metrics) == 2


def test_resuming_restores_everything(trained, make_session):
    checkpoint = take_snapshot(trained)
    fresh = make_session(epochs=9)
    resume_session(fresh, checkpoint)
    again = take_snapshot(fresh)
    assert again.arrays.keys() == checkpoint.arrays.keys()
    assert all((again.arrays[name] == array).all() for name, array in checkpoint.arrays.items())
    assert (again.meta.position, again.meta.metrics) == (checkpoint.meta.position, checkpoint.meta.metrics)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"p/0.bias": None}, r"it lacks \['0\.bias'\]"),
        ({"p/0.bias": np.zeros(7, dtype="float32")}, r"'0\.bias' is float32 \(7,\) but the machine has float32 \(6,\)"),
        ({"p/0.bias": np.zeros(6)}, r"'0\.bias' is float64 \(6,\) .*; choose --dtype float64"),
        ({"o/deltas/0.bias": None}, r"optimizer slot 'deltas' of the checkpoint is of another machine"),
    ],
)
def test_arrays_of_another_machine_are_refused(trained, make_session, change, message):
    whole = take_snapshot(trained)
    arrays = {name: array for name, array in {**whole.arrays, **change}.items() if array is not None}
    fresh = make_session(epochs=2)
    with pytest.raises(CheckpointError, match=message):
        resume_session(fresh, Checkpoint(arrays, whole.meta))


def test_other_sharing_is_refused(trained, make_session):
    whole = take_snapshot(trained)
    meta = whole.meta.model_copy(update={"aliases": {"2.bias": "0.bias"}})
    with pytest.raises(CheckpointError, match=r"shares \{'2\.bias': '0\.bias'\} where the machine shares \{\}"):
        restore_parameters(make_session().assembly, Checkpoint(whole.arrays, meta))


def test_other_data_are_refused(trained, make_session):
    whole = take_snapshot(trained)
    meta = whole.meta.model_copy(update={"data": "0" * 64})
    with pytest.raises(CheckpointError, match="the data are not those of the run"):
        resume_session(make_session(epochs=2), Checkpoint(whole.arrays, meta))


def test_every_changed_key_is_named(document):
    kept = check_recipe(document, "test").model_dump(mode="json")
    document["seed"], document["training"]["inertia"], document["training"]["epochs"] = 4, 0.5, 99
    document["machine"]["modules"][0]["out_features"] = 7
    with pytest.raises(RecipeError) as caught:
        require_same_recipe(check_recipe(document, "test"), kept)
    for told in (
        "machine.modules.0.out_features is 7 and was 6",
        "seed is 4 and was 3",
        "training.inertia is 0.5 and was 0.9",
    ):
        assert told in str(caught.value)
    assert "epochs" not in str(caught.value)


def test_going_on_with_another_backend_is_told(trained, make_session, caplog):
    resume_session(make_session("strict", epochs=2), take_snapshot(trained))
    assert "trained on numpy and goes on with strict: equal to rounding, not bit for bit" in caplog.text


def test_a_sparse_table_and_its_slots_are_resumed_bit_for_bit(make_session, tmp_path):
    def learned(session, steps):
        store = session.assembly.store
        for step in steps:
            generator = np.random.default_rng(step)
            ids, values = generator.integers(5, size=4), generator.normal(size=(4, 3)).astype("float32")
            store["weight"].accumulate_rows(ids, values)
            xn.Sgd(0.1, weight_decay=0.01, inertia=0.9).update(store)

    def fresh():
        session = make_session()
        store = xn.ParameterStore(xn.Lookup(9, 3, sparse=True), session.assembly.backend)
        session.assembly = replace(session.assembly, store=store)
        return session

    whole, half, again = fresh(), fresh(), fresh()
    learned(whole, range(4))
    learned(half, range(2))
    write_checkpoint(tmp_path / "c", take_snapshot(half))
    resume_session(again, read_checkpoint(tmp_path / "c"))
    learned(again, range(2, 4))
    found, wanted = take_snapshot(again).arrays, take_snapshot(whole).arrays
    assert {"p/weight", "o/deltas/weight"} <= wanted.keys()
    assert found.keys() == wanted.keys()
    assert all(found[name].tobytes() == array.tobytes() for name, array in wanted.items())
