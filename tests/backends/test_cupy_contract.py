"""Every module keeps its contract on the CuPy backend over the stand-in, on a device that is not the default one.

Kernels of the stand-in refuse operands of another device, and what a module makes by itself stands on the current one.
"""

import contract_cases
import numpy as np
import pytest

import xpnet as xn


@pytest.mark.slow
@pytest.mark.parametrize("case", contract_cases.CASES, ids=lambda case: case.name)
def test_module_keeps_the_contract(case, cupy_backend):
    backend = cupy_backend("cuda:1", "float64")
    with backend.device_scope():
        report = xn.testing.check_module(case.make(), case.inputs, backend=backend, layout="view", draws=case.draws)
    assert {line.problem for line in report} == {""}


@pytest.mark.parametrize("layout", ["view", "leaf"])
def test_a_machine_learns_as_on_numpy(cupy_backend, monkeypatch, layout):
    monkeypatch.setenv("XPNET_STORE", layout)
    rng = np.random.default_rng(8)
    x, labels = rng.normal(size=(9, 5)), rng.integers(0, 3, 9)

    def learned(backend):
        with xn.use_backend(backend), backend.device_scope():
            machine = xn.Cascade(xn.Linear(5, 7), xn.Tanh(), xn.Linear(7, 3))
            trainer = xn.Trainer(machine, xn.Euclidean(), xn.ParameterStore(machine, backend=backend, seed=2))
            for _ in range(25):
                trainer.learn_sample(x, labels, np.eye(3), {"learning_rate": 0.2, "inertia": 0.5})
            index, _ = trainer.run(x, np.eye(3))
        return trainer.param.state_dict(), backend.to_numpy(index)

    ours, answers = learned(cupy_backend("cuda:1", "float64"))
    theirs, wanted = learned(xn.get_backend("numpy", dtype="float64"))
    np.testing.assert_array_equal(answers, wanted)
    assert ours.keys() == theirs.keys()
    for name, value in theirs.items():
        np.testing.assert_allclose(ours[name], value, rtol=1e-10, atol=1e-12)
