"""The workloads, in the order of the report."""

from benchmarks.workload import Workload
from benchmarks.workloads.joint_step import JointStep
from benchmarks.workloads.label_sets import LabelSets
from benchmarks.workloads.large_label_sets import LargeLabelSets
from benchmarks.workloads.mlp_step import MlpStep

WORKLOADS: tuple[Workload, ...] = (MlpStep(), JointStep(), LabelSets(), LargeLabelSets())
