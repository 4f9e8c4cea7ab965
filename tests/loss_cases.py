"""Contract cases of all losses, with integers and with weights (not only distributions) as desired answers."""

from contract_cases import Case

from xpnet.losses import LOSSES, HingeLoss, Lvq2Loss, MeeLoss, NegativeLogLikelihood, SquareExponentialLoss
from xpnet.testing import draws

VARIANTS = {
    **LOSSES,
    "hinge-wide": lambda: HingeLoss(margin=3.0),
    "lvq2-wide": lambda: Lvq2Loss(limit=100.0),
    "lvq2-ratio": lambda: Lvq2Loss(limit=50.0, delta=0.5),
    "lvq2-ratio-narrow": lambda: Lvq2Loss(limit=0.5, delta=0.5),
    "nll-cold": lambda: NegativeLogLikelihood(beta=2.0),
    "mee-warm": lambda: MeeLoss(beta=0.5),
    "square-exp-strong": lambda: SquareExponentialLoss(gamma=3.0),
}


def energies_of(loss):
    return draws.positive if isinstance(loss, Lvq2Loss) else None


CASES = [
    Case(f"{name}, {kind}", make, [(3,), event], [energies_of(make()), draw])
    for name, make in VARIANTS.items()
    for kind, event, draw in (("integers", (), draws.integers(3)), ("weights", (3,), draws.positive))
]
