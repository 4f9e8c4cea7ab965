"""The margin condition of LeCun & Huang for every loss, as Table 1 of the tutorial states it."""

import numpy as np
import pytest

from xpnet.losses import LOSSES, EnergyLoss, HingeLoss, Loss, Lvq2Loss, NegativeLogLikelihood, SquareSquareLoss
from xpnet.losses.margin import satisfies_margin_condition

ANY = ["SoftHingeLoss", "MceLoss", "SquareExponentialLoss", "NegativeLogLikelihood", "MeeLoss"]


@pytest.mark.parametrize("name", LOSSES)
def test_as_stated(name):
    report = satisfies_margin_condition(LOSSES[name]())
    assert bool(report) is (name != "EnergyLoss"), report


@pytest.mark.parametrize("name", ANY)
@pytest.mark.parametrize("margin", [0.0, 0.5, 3.0, 30.0])
def test_losses_that_push_for_ever_satisfy_any_margin(name, margin):
    assert satisfies_margin_condition(LOSSES[name](), margin)


@pytest.mark.parametrize("make", [HingeLoss, SquareSquareLoss])
@pytest.mark.parametrize("margin", [0.5, 4.0, 40.0])
def test_losses_with_a_margin_satisfy_it_and_no_more(make, margin):
    assert satisfies_margin_condition(make(margin))
    assert satisfies_margin_condition(make(margin), 0.5 * margin)
    assert not satisfies_margin_condition(make(margin), 1.5 * margin)


@pytest.mark.parametrize("name", ["PerceptronLoss", "Lvq2Loss"])
def test_losses_of_margin_zero_have_none_above(name):
    assert satisfies_margin_condition(LOSSES[name](), 0.0)
    assert not satisfies_margin_condition(LOSSES[name](), 0.5)


def test_the_ratio_form_of_lvq2_and_a_cold_likelihood():
    assert satisfies_margin_condition(Lvq2Loss(delta=0.5))
    assert satisfies_margin_condition(NegativeLogLikelihood(beta=20.0))


class MinusBetweenTheSquares(SquareSquareLoss.__base__):
    """What Table 1 prints for square-square: it rewards a low incorrect energy."""

    margin = 1.0

    def pair(self, correct, offending):
        return correct**2 - self.xp.where(offending < 1.0, 1.0 - offending, 0.0) ** 2

    def pair_slopes(self, correct, offending):
        raise NotImplementedError

    def pair_bends(self, correct, offending):
        raise NotImplementedError


def test_a_loss_that_rewards_the_wrong_thing_is_told_apart():
    assert not satisfies_margin_condition(MinusBetweenTheSquares())


def test_the_report_is_ready_for_a_picture():
    report = satisfies_margin_condition(EnergyLoss())
    assert report.surface.shape == (len(report.correct), len(report.offending))
    i, j = (
        int(np.argmin(abs(axis - at)))
        for axis, at in zip((report.correct, report.offending), report.best_wrong, strict=True)
    )
    assert report.surface[i, j] == report.loss_wrong == 0.0
    assert "EnergyLoss() does not satisfy the margin condition" in str(report)


def test_every_loss_states_its_margin_in_words():
    assert all("argin" in cls.__doc__ for cls in LOSSES.values())
    assert all(issubclass(cls, Loss) for cls in LOSSES.values())
