"""Primitives for which one kernel of our own does what takes CuPy several launches.

They are written against a namespace and a launcher, so that the tests run the very same functions and kernel texts on
the CPU; none of them imports CuPy. All give the same bits every time: no kernel adds by atomics.
"""

from xpnet._typing import Namespace, Overrides
from xpnet_cupy.kernels import Launch
from xpnet_cupy.overrides.affine import affine
from xpnet_cupy.overrides.distance import distance
from xpnet_cupy.overrides.gibbs import gibbs
from xpnet_cupy.overrides.kit import Kit
from xpnet_cupy.overrides.label_tiles import label_tiles
from xpnet_cupy.overrides.pointwise import pointwise
from xpnet_cupy.overrides.recurrent import recurrent
from xpnet_cupy.overrides.segments import segments
from xpnet_cupy.overrides.updates import updates

FAMILIES = (pointwise, affine, gibbs, updates, label_tiles, distance, segments, recurrent)


def overrides(xp: Namespace, launch: Launch) -> Overrides:
    """All overrides, computing with the functions of `xp` and the kernels that `launch` runs."""
    kit = Kit(xp, launch)
    return {name: override for family in FAMILIES for name, override in family(kit).items()}
