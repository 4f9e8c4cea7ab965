"""Likelihood losses over tiles of labels: the loss and all gradients as if every energy had been held."""

import itertools

import numpy as np
import pytest
from label_cases import KINDS, TILED, B, Gradients, K, joint, one_step, problem, same_step, trainer_of, twin_of

import xpnet as xn
from xpnet.errors import LabelError, NotFiniteError
from xpnet.losses import MeeLoss, NegativeLogLikelihood
from xpnet.modules import Sum

LOSSES = [NegativeLogLikelihood(), NegativeLogLikelihood(2.0), MeeLoss(), MeeLoss(2.0)]


@pytest.fixture
def given(rng):
    return problem(rng)


def both(kind, given, codes, mask, *, learned=False, label=None, desired=None, loss=None, **options):
    """The same step on tiles and on all energies at once."""
    made = {"learned": codes if learned else None, "loss": loss, **options}
    y = None if learned else codes
    tiled, whole = trainer_of(kind, TILED, **made), trainer_of(kind, **made)
    answer = None if desired is not None else given.label if label is None else label
    found = [one_step(each, given.x, answer, y, mask=mask, desired=desired) for each in (tiled, whole)]
    assert tiled.energies.x is None, "this was not streamed"
    assert whole.energies.x.shape[-1] >= K
    return found


@pytest.mark.parametrize("junk", [False, True])
@pytest.mark.parametrize("loss", LOSSES, ids=repr)
@pytest.mark.parametrize("kind", KINDS)
def test_the_same_step_as_with_all_energies(numpy64, given, kind, loss, junk):
    label = given.label.copy()
    if junk:
        label[:2] = -1, K
    for (codes, mask), learned in itertools.product(given.settings.values(), (False, True)):
        if not (learned and codes is given.own):
            same_step(*both(kind, given, codes, mask, learned=learned, label=label, loss=loss, junk=junk))


@pytest.mark.parametrize("memory", [1, 300, 3000])
def test_any_size_of_tile_will_do(numpy64, given, memory):
    wanted = one_step(trainer_of("joint"), given.x, given.label, given.y)
    same_step(one_step(trainer_of("joint", memory), given.x, given.label, given.y), wanted)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("loss", [NegativeLogLikelihood(2.0), MeeLoss()], ids=repr)
def test_on_every_backend_against_float64(backend, given, kind, loss):
    tolerance = 3e-5 if backend.dtype_name == "float32" else 1e-10
    for codes, mask in ((given.y, given.mask), (given.own, given.masks)):
        tiled = trainer_of(kind, TILED, loss, junk=True)
        whole = twin_of(tiled, kind, loss=loss, junk=True)
        wanted = one_step(whole, given.x, given.label, codes, mask=mask)
        same_step(one_step(tiled, given.x, given.label, codes, mask=mask), wanted, tolerance)


@pytest.mark.parametrize("beta", [1.0, 2.0])
def test_against_torch_with_masks_junk_and_codes_that_learn(numpy64, torch, given, beta):
    loss = NegativeLogLikelihood(beta)
    trainer, rule = trainer_of("euclidean", TILED, loss, junk=True, learned=given.y), Gradients()
    w = {name: torch.tensor(value, requires_grad=True) for name, value in trainer.param.state_dict().items()}
    label = given.label.copy()
    label[1] = K
    value = trainer.learn_sample(given.x, label, None, rule, mask=given.masks)
    hidden = torch.tanh(torch.tensor(given.x) @ w["machine.0.weight"].T + w["machine.0.bias"])
    out = hidden @ w["machine.2.weight"].T + w["machine.2.bias"]
    energies = 0.5 * ((out[:, None] - w["labels.value"]) ** 2).sum(dim=-1)
    energies = torch.where(torch.tensor(given.masks), energies, torch.inf)
    energies = torch.cat([energies, w["junk.energy"].expand(B, 1)], dim=-1)
    wanted = torch.nn.functional.cross_entropy(-beta * energies, torch.tensor(label)) / beta
    wanted.backward()
    assert float(value) == pytest.approx(wanted.item(), rel=1e-12)
    rule.compare({name: tensor.grad.numpy() for name, tensor in w.items()}, 1e-11)


@pytest.mark.parametrize("junk", [False, True])
@pytest.mark.parametrize("loss", LOSSES, ids=repr)
@pytest.mark.parametrize("kind", KINDS)
def test_a_desired_answer_beside_the_set_is_one_more_candidate(numpy64, given, kind, loss, junk):
    for codes, mask in given.settings.values():
        found = both(kind, given, codes, mask, loss=loss, junk=junk, desired=given.desired)
        joined = np.concatenate([np.broadcast_to(codes, (B, K, 4)), given.desired[:, None]], axis=1)
        more = None if mask is None else np.concatenate([np.broadcast_to(mask, (B, K)), np.ones((B, 1), bool)], axis=1)
        whole = trainer_of(kind, loss=loss, junk=junk)
        wanted = one_step(whole, given.x, np.full(B, K), joined, mask=more)
        for each in found:
            same_step(each, wanted)


def with_latent():
    """E(X, Y, Z), with terms of (X, Y, Z) and of (X, Z)."""
    graph = xn.Graph()
    x, y, z = (graph.input(name) for name in "xyz")
    a = graph(xn.Tanh(), graph(xn.Linear(12, 6), graph(xn.Concatenate(), x, y, z)))
    b = graph(xn.Tanh(), graph(xn.Linear(8, 6), graph(xn.Concatenate(), x, z)))
    graph.output("energy", graph(Sum(), graph(xn.Linear(6, 2), graph(xn.Plus(), a, b))))
    return graph


@pytest.mark.parametrize(
    "latent", [xn.Min, xn.Logsum, lambda: xn.Logsum(2.0, trainable=True)], ids=["min", "logsum", "learns"]
)
def test_latent_values_are_eliminated_in_each_tile(numpy64, rng, given, latent):
    for z in (rng.normal(size=(5, 3)), rng.normal(size=(B, 5, 3))):
        for options in ({}, {"mask": given.masks}):
            made = [xn.Trainer(with_latent(), latent=latent(), memory=memory) for memory in (20000, "1 GiB")]
            found = [one_step(each, given.x, given.label, given.y, latent_set=z, **options) for each in made]
            assert made[0].energies.x is None
            same_step(*found)


def test_a_single_sample_is_a_batch_of_one(backend, given):
    tolerance = 3e-5 if backend.dtype_name == "float32" else 1e-10
    for kind in KINDS:
        alone = one_step(trainer_of(kind, 100, junk=True), given.x[0], 3, given.y)
        batch = one_step(trainer_of(kind, junk=True), given.x[:1], [3], given.y)
        same_step(alone, batch, tolerance)


def test_one_label_has_no_rival(numpy64, given):
    loss, rule = one_step(xn.Trainer(joint(), memory=1), given.x, [0] * B, given.y[:1])
    assert loss == pytest.approx(0.0, abs=1e-14)
    assert all(abs(gradient).max() < 1e-14 for gradient in rule.found.values())


@pytest.mark.parametrize("kind", KINDS)
def test_an_absent_answer_cannot_be_desired(numpy64, given, kind):
    trainer = trainer_of(kind, TILED)
    before = trainer.param.state_dict()
    given.masks[2, given.label[2]] = False
    with pytest.raises(LabelError, match="the mask leaves out the desired label of sample 2"):
        trainer.learn_sample(given.x, given.label, given.y, learning_rate=0.1, mask=given.masks)
    np.testing.assert_equal(trainer.param.state_dict(), before)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("what", ["sample", "label set"])
def test_a_nan_is_noticed_and_named(numpy64, given, kind, what):
    trainer = trainer_of(kind, TILED)
    before = trainer.param.state_dict()
    (given.x if what == "sample" else given.y)[4, 1] = np.nan
    with pytest.raises(NotFiniteError, match=rf"{what} is not finite at index \(4, 1\)"):
        trainer.learn_sample(given.x, given.label, given.y, learning_rate=0.1)
    np.testing.assert_equal(trainer.param.state_dict(), before)


@pytest.mark.parametrize("loss", [NegativeLogLikelihood(-1.0), MeeLoss(-0.5)], ids=repr)
def test_beta_must_be_positive(numpy64, given, loss):
    trainer = trainer_of("joint", TILED, loss)
    before = trainer.param.state_dict()
    with pytest.raises(LabelError, match=r"over a streamed label set β must be positive; got .* Raise the trainer's"):
        trainer.learn_sample(given.x, given.label, given.y, learning_rate=0.1)
    np.testing.assert_equal(trainer.param.state_dict(), before)
    trainer_of("joint", loss=loss).learn_sample(given.x, given.label, given.y, learning_rate=0.1)


def test_it_learns_as_with_all_energies(numpy64, given):
    """Many steps, with inertia: nothing is left over from one step to the next."""
    tiled, whole = (trainer_of("joint", memory, junk=True, learned=given.y) for memory in (TILED, "1 GiB"))
    for _ in range(20):
        for each in (tiled, whole):
            each.learn_sample(given.x, given.label, learning_rate=0.1, inertia=0.5)
    for name, value in whole.param.state_dict().items():
        np.testing.assert_allclose(tiled.param[name].x, value, rtol=1e-9, atol=1e-11)
