"""The NN-RBF hybrid: three forms of one classifier."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import GraphError
from xpnet.machines.nn_rbf import nn_rbf, nn_rbf_classifier, nn_rbf_energy, rbf_net

WIDTHS, CLASSES = (4, 6, 3), 5


@pytest.fixture
def forms(backend):
    """Energies, probabilities and E(X, Y), with the same parameters."""
    energies, classifier, machine = (
        nn_rbf(WIDTHS, CLASSES),
        nn_rbf_classifier(WIDTHS, CLASSES),
        nn_rbf_energy(WIDTHS, CLASSES),
    )
    store = xn.ParameterStore(energies, backend)
    values = store.state_dict()
    xn.ParameterStore(classifier, backend).load_state_dict(values)
    xn.ParameterStore(machine, backend).load_state_dict(
        {f"features.{name}": value for name, value in values.items() if "centres" not in name}
        | {"prototypes.weight": values["4.centres"].T.copy()}
    )
    return energies, classifier, machine


def test_all_forms_give_the_same_energies(backend, close, forms, rng):
    energies, classifier, machine = forms
    x = rng.normal(size=(7, 4))
    found, probable, joint = xn.State(), xn.State(), xn.State()
    energies.fprop(xn.State(backend.asarray(x)), found)
    classifier.fprop(xn.State(backend.asarray(x)), probable)
    machine.fprop(xn.State(backend.asarray(x[:, None, :])), xn.State(backend.asarray(np.eye(CLASSES))), joint)
    wanted = backend.to_numpy(found.x).astype("float64")
    close(joint.x, wanted, 20)
    gibbs = np.exp(-wanted)
    close(probable.x, gibbs / gibbs.sum(-1, keepdims=True), 20)


def test_log_loss_of_the_classifier_is_nll_of_the_energies(forms, backend, close, rng):
    """softmax + log on the classifier, E_Y + log Σ e^-E on the energies, and the same by E(X, Y) over the label set."""
    energies, classifier, machine = forms
    x, y = backend.asarray(rng.normal(size=(7, 4))), backend.indices(rng.integers(0, CLASSES, size=7))
    desired = backend.to_numpy(y)
    code = backend.asarray(np.eye(CLASSES)[desired])
    gradients = []

    input, p, energy = xn.State(x), xn.State(), xn.State()
    loss = xn.LogLoss().bind(backend)
    classifier.fprop(input, p)
    loss.fprop(p, xn.State(y, fixed=True), energy)
    energy.accumulate(backend.ones((7,)))
    loss.bprop(p, xn.State(y, fixed=True), energy)
    classifier.bprop(input, p)
    gradients.append((input.dx, classifier[4].centres.dx))

    for form in ("energies", "joint"):
        input, found = xn.State(x), xn.State()
        ports = (input,) if form == "energies" else (
            xn.State(x[:, None, :]), xn.State(backend.asarray(np.eye(CLASSES)), fixed=True))  # fmt: skip
        module = energies if form == "energies" else machine
        module.fprop(*ports, found)
        found.accumulate(code - backend.ops.softmax(found.x, 1.0))  # ∂NLL/∂E_k = δ_ky - P_k
        module.bprop(*ports, found)
        if form == "energies":
            gradients.append((input.dx, energies[4].centres.dx))
        else:
            weight = {name: p for name, _, _, p in machine.named_parameters()}["prototypes.weight"]
            gradients.append((ports[0].dx[:, 0, :], backend.xp.matrix_transpose(weight.dx)))
    for dx, dcentres in gradients[1:]:
        close(dx, backend.to_numpy(gradients[0][0]), 100)
        close(dcentres, backend.to_numpy(gradients[0][1]), 100)


def test_the_hybrid_learns_xor(numpy64):
    x, labels = np.asarray([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.asarray([0, 1, 1, 0])
    machine = nn_rbf_classifier((2, 8, 3), 2)
    graph = xn.Graph()
    sample, label = graph.input("x"), graph.input("y")
    graph.output("energy", graph(xn.LogLoss(), graph(machine, sample, name="machine"), label))
    store = xn.ParameterStore(graph, numpy64, seed=0)
    energy = xn.State()
    for _ in range(600):
        graph.fprop(xn.State(x, fixed=True), xn.State(labels, fixed=True), energy)
        energy.accumulate(np.full(4, 0.25))
        graph.bprop(xn.State(x, fixed=True), xn.State(labels, fixed=True), energy)
        xn.Sgd(0.5).update(store)
    assert energy.x.max() < 0.05


def test_builders_say_what_they_need():
    assert repr(rbf_net(3, 5)) == "Cascade(Rbf(3, 5, out_features=1), Bias(1))"
    with pytest.raises(GraphError, match="at least one layer of sigmoids"):
        nn_rbf((3,), 2)
