"""The workloads, in the order of the report."""

from benchmarks.workload import Workload
from benchmarks.workloads.joint_step import JointStep
from benchmarks.workloads.label_sets import LabelSets
from benchmarks.workloads.large_label_sets import LargeLabelSets
from benchmarks.workloads.lenet_step import LenetStep
from benchmarks.workloads.mixture_step import MixtureStep
from benchmarks.workloads.mlp_step import MlpStep
from benchmarks.workloads.rbf_step import RbfStep
from benchmarks.workloads.recurrent_step import RecurrentStep
from benchmarks.workloads.tdnn_step import TdnnStep

WORKLOADS: tuple[Workload, ...] = (
    MlpStep(), JointStep(), RbfStep(), MixtureStep(), TdnnStep(), LenetStep(), RecurrentStep(),
    LabelSets(), LargeLabelSets(),
)  # fmt: skip
