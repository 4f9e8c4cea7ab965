"""How good answers over a label set are: measures of one batch, whose results add up with `+`."""

from xpnet.report.meters.calibration import Calibration, calibrate
from xpnet.report.meters.confusion import Confusion, confuse
from xpnet.report.meters.counts import Counts, count
from xpnet.report.meters.error_reject import ErrorReject, OperatingPoint, error_reject
from xpnet.report.meters.gaps import GapHistogram, Gaps, energy_gaps
from xpnet.report.meters.meter import Meter
from xpnet.report.meters.reliability import Reliability
from xpnet.report.meters.temperature import fit_beta

__all__ = [
    "Calibration",
    "Confusion",
    "Counts",
    "ErrorReject",
    "GapHistogram",
    "Gaps",
    "Meter",
    "OperatingPoint",
    "Reliability",
    "calibrate",
    "confuse",
    "count",
    "energy_gaps",
    "error_reject",
    "fit_beta",
]
