"""The lecture's own numbers and exercises, and classical worked examples, to their printed digits."""

import numpy as np
import pytest

import xpnet as xn

pytestmark = pytest.mark.usefixtures("numpy64")


def through(module, *values, dy=1.0):
    """The states after fprop, and bprop from the given gradient of the output."""
    *inputs, output = *(xn.State(np.asarray(value, np.float64)) for value in values), xn.State()
    module.fprop(*inputs, output)
    output.accumulate(np.broadcast_to(np.asarray(dy, np.float64), output.x.shape))
    module.bprop(*inputs, output)
    return *inputs, output


# --- costs and probabilities ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("p", "loss", "gradient"),
    [((0.1, 0.1, 0.7, 0.1), 0.356674944, (-0.1, -0.1, 0.3, -0.1)), ((0.0, 0.0, 1.0, 0.0), 0.0, (0, 0, 0, 0))],
)
@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
def test_the_cross_entropy_examples_through_logsum(p, loss, gradient):
    """D = (0, 0, 1, 0) and energies -log P: L = E_3 - F with the free energy F = -log Σ e^-E; dL/dE = D - P."""
    energies, desired, free = xn.State(-np.log(np.asarray(p))), xn.State(), xn.State()
    pick, logsum = xn.Linear(4, 1, bias=False), xn.Logsum()
    pick.weight.x = np.asarray([[0.0, 0.0, 1.0, 0.0]])
    logsum.fprop(energies, free)
    assert abs(float(energies.x[2] - free.x) - loss) < 5e-10
    free.accumulate(np.asarray(-1.0))
    logsum.bprop(energies, free)
    desired.x = np.zeros(1)
    desired.accumulate(np.ones(1))
    pick.bprop(energies, desired)  # the two paths into the energies add up
    np.testing.assert_allclose(energies.dx, gradient, atol=1e-12)


def test_logsum_numbers_and_limits():
    wanted = {1.0: 0.592394036, 2.0: 0.928534186, 1e6: 1.0}
    for beta, value in wanted.items():
        _, free = through(xn.Logsum(beta), [1.0, 2.0, 3.0])
        assert abs(float(free.x) - value) < 1e-9
    _, free = through(xn.Logsum(1e-7), [1.0, 2.0, 3.0])
    assert abs(float(free.x) + np.log(3) / 1e-7 - 2.0) < 1e-5  # in mean form, β → 0 is the mean


def test_the_softmax_exercise():
    """The Jacobian of P_i = e^-βx_i / Σ e^-βx_j is ∂P_i/∂x_j = -β P_i (δ_ij - P_j)."""
    for beta in (1.0, 2.5, -1.0):
        jacobian = [through(xn.Softmax(beta), [1.0, 2.0, 3.0], dy=np.eye(3)[i])[0].dx for i in range(3)]
        p = through(xn.Softmax(beta), [1.0, 2.0, 3.0])[1].x
        np.testing.assert_allclose(jacobian, -beta * (np.diag(p) - np.outer(p, p)), atol=1e-15)
    np.testing.assert_allclose(through(xn.Softmax(), [1.0, 2.0, 3.0])[1].x, [0.665240956, 0.244728471, 0.090030573], atol=5e-10)  # fmt: skip  # noqa: E501


def test_softmax_is_the_gradient_of_logsum():
    x, _ = through(xn.Logsum(2.0), [0.3, -1.0, 4.0])
    np.testing.assert_allclose(x.dx, through(xn.Softmax(2.0), [0.3, -1.0, 4.0])[1].x, rtol=1e-14)


def test_lecuns_squasher():
    """1.7159 tanh(2x/3) passes through (1, 1) and (-1, -1), and its slope at 0 is 1.7159 · 2/3."""
    x, y = through(xn.ScaledTanh(), [-1.0, 0.0, 1.0])
    np.testing.assert_allclose(y.x, [-0.9999973, 0, 0.9999973], atol=2e-6)
    np.testing.assert_allclose(x.dx[1], 1.7159 * 2 / 3, rtol=1e-15)


# --- the step-by-step network ----------------------------------------------------------------------------------

# Inputs .05 .10, targets .01 .99, two sigmoids twice; biases stay as they are in the example.
STEP_BY_STEP = {
    "0.weight": [[0.15, 0.20], [0.25, 0.30]],
    "0.bias": [0.35, 0.35],
    "2.weight": [[0.40, 0.45], [0.50, 0.55]],
    "2.bias": [0.60, 0.60],
}


@pytest.fixture
def step_by_step():
    machine = xn.Cascade(xn.Linear(2, 2), xn.Sigmoid(), xn.Linear(2, 2), xn.Sigmoid())
    trainer = xn.SimpleTrainer(machine, xn.Euclidean())
    trainer.param.load_state_dict({name: np.asarray(value) for name, value in STEP_BY_STEP.items()})

    def step():
        energy = trainer.learn_sample([0.05, 0.10], 0, [[0.01, 0.99]], learning_rate=0.5)
        for name in ("0.bias", "2.bias"):
            trainer.param[name].x = np.asarray(STEP_BY_STEP[name])
        return float(energy)

    return trainer, step


def test_the_step_by_step_network_after_one_step(step_by_step):
    trainer, step = step_by_step
    assert abs(step() - 0.298371109) < 5e-10
    after = trainer.param.state_dict()
    wanted = [[0.149780716, 0.19956143], [0.24975114, 0.29950229]]
    np.testing.assert_allclose(after["0.weight"], wanted, atol=1e-8)
    np.testing.assert_allclose(after["2.weight"], [[0.35891648, 0.408666186], [0.51130127, 0.561370121]], atol=1e-8)
    _, energies = trainer.run([0.05, 0.10], [[0.01, 0.99]])
    assert abs(float(energies[0]) - 0.291027774) < 5e-10


def test_the_step_by_step_network_after_ten_thousand_steps(step_by_step):
    trainer, step = step_by_step
    for _ in range(10_000):
        step()
    _, energies = trainer.run([0.05, 0.10], [[0.01, 0.99]])
    assert abs(float(energies[0]) - 3.51019e-5) < 5e-11


# --- topology --------------------------------------------------------------------------------------------------


def test_gradients_sum_over_the_paths_of_a_fan_out():
    """y = tanh(a x) · 1 + tanh(b x) · 1: the gradient at x is the sum over both paths."""
    graph = xn.Graph()
    x = graph.input("x")
    left, right = (xn.Linear(1, 1, bias=False) for _ in range(2))
    graph.output("y", graph(xn.Plus(), graph(xn.Tanh(), graph(left, x)), graph(xn.Tanh(), graph(right, x))))
    left.weight.x, right.weight.x = np.asarray([[2.0]]), np.asarray([[-3.0]])
    state, _ = through(graph, [0.4])
    np.testing.assert_allclose(state.dx, 2 * (1 - np.tanh(0.8) ** 2) - 3 * (1 - np.tanh(-1.2) ** 2), rtol=1e-14)


def test_the_gradient_of_a_shared_weight_is_the_sum_of_its_replicas(rng):
    shared, x = xn.Linear(3, 2), rng.normal(size=(3, 4, 3))
    three = [xn.Linear(3, 2) for _ in range(3)]
    for replica, values in zip(three, x, strict=True):
        replica.weight.x, replica.bias.x = shared.weight.x, shared.bias.x
        through(shared, values)
        through(replica, values)
    np.testing.assert_allclose(shared.weight.dx, sum(replica.weight.dx for replica in three), rtol=1e-13)
    np.testing.assert_allclose(shared.bias.dx, sum(replica.bias.dx for replica in three), rtol=1e-13)


def test_what_does_not_depend_on_the_label_is_computed_once_for_all_replicas(rng):
    """(B, 1, n) meets (K, d) only in the cost, and its gradient there is the sum over the label replicas."""
    machine, cost = xn.Cascade(xn.Linear(3, 2), xn.Tanh()), xn.Euclidean()
    x, labels, out, energy = xn.State(rng.normal(size=(4, 1, 3))), xn.State(rng.normal(size=(5, 2))), xn.State(), xn.State()  # fmt: skip  # noqa: E501
    machine.fprop(x, out)
    cost.fprop(out, labels, energy)
    assert (out.x.shape, energy.x.shape) == ((4, 1, 2), (4, 5))
    energy.accumulate(np.ones((4, 5)))
    cost.bprop(out, labels, energy)
    machine.bprop(x, out)
    by_hand = np.zeros((4, 1, 3))
    for label in labels.x:
        a, b, e = xn.State(x.x), xn.State(), xn.State()
        machine.fprop(a, b)
        cost.fprop(b, xn.State(label, fixed=True), e)
        e.accumulate(np.ones((4, 1)))
        cost.bprop(b, xn.State(label, fixed=True), e)
        machine.bprop(a, b)
        by_hand += a.dx
    np.testing.assert_allclose(x.dx, by_hand, rtol=1e-12)
