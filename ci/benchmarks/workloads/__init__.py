"""The workloads, in the order of the report."""

from benchmarks.workload import Workload
from benchmarks.workloads.label_sets import LabelSets
from benchmarks.workloads.mlp_step import MlpStep

WORKLOADS: tuple[Workload, ...] = (MlpStep(), LabelSets())
