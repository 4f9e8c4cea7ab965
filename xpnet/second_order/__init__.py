"""Second derivatives at work: a learning rate for each parameter, and which parameters may go."""

from xpnet.second_order.curvature import Measured as Measured
from xpnet.second_order.curvature import measure as measure
from xpnet.second_order.diag_lm import DiagLm as DiagLm
from xpnet.second_order.pruning import prune as prune
from xpnet.second_order.pruning import saliencies as saliencies
