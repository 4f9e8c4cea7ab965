"""Losses over the energies of a label set; `LOSSES` maps the names that recipes may use to their classes.

E_C is the desired answer's energy, E_I the lowest energy of all others (LeCun et al. 2006, Table 1).

    EnergyLoss             E_C                               margin none
    PerceptronLoss         E_C - min E                       0
    HingeLoss              max(0, m + E_C - E_I)             m
    SoftHingeLoss          log(1 + exp(E_C - E_I))           > 0
    Lvq2Loss               min(M, max(0, E_C - E_I))         0
    MceLoss                1 / (1 + exp(E_I - E_C))          > 0
    SquareSquareLoss       E_C² + max(0, m - E_I)²           m
    SquareExponentialLoss  E_C² + γ exp(-E_I)                > 0
    NegativeLogLikelihood  E_C + 1/β log Σ exp(-β E)         > 0
    MeeLoss                1 - exp(-β E_C) / Σ exp(-β E)     > 0
"""

from xpnet.losses.energy import EnergyLoss as EnergyLoss
from xpnet.losses.energy import PerceptronLoss as PerceptronLoss
from xpnet.losses.gap import HingeLoss as HingeLoss
from xpnet.losses.gap import MceLoss as MceLoss
from xpnet.losses.gap import SoftHingeLoss as SoftHingeLoss
from xpnet.losses.likelihood import GibbsLoss as GibbsLoss
from xpnet.losses.likelihood import MeeLoss as MeeLoss
from xpnet.losses.likelihood import NegativeLogLikelihood as NegativeLogLikelihood
from xpnet.losses.loss import Loss as Loss
from xpnet.losses.lvq2 import Lvq2Loss as Lvq2Loss
from xpnet.losses.margin import satisfies_margin_condition as satisfies_margin_condition
from xpnet.losses.square import SquareExponentialLoss as SquareExponentialLoss
from xpnet.losses.square import SquareSquareLoss as SquareSquareLoss

LOSSES: dict[str, type[Loss]] = {
    loss.__name__: loss
    for loss in (
        EnergyLoss, PerceptronLoss, HingeLoss, SoftHingeLoss, Lvq2Loss, MceLoss, SquareSquareLoss,
        SquareExponentialLoss, NegativeLogLikelihood, MeeLoss,
    )
}  # fmt: skip
