"""A machine's answers to many samples, a bounded number at a time."""

from xpnet._typing import HostArray
from xpnet.data.answers import Answered, Evaluation, judge
from xpnet.data.dataset import Dataset
from xpnet.data.minibatches import batch_slices
from xpnet.training.assembly import Assembly

BATCH = 512  # samples per evaluation; bounds the memory, not the result


def answer(assembly: Assembly, samples: HostArray) -> Answered:
    """The answers to scaled samples (N, *event), read from the device once."""
    backend, run = assembly.backend, assembly.learner.run
    batches = ((samples[part],) for part in batch_slices(len(samples), BATCH))
    with backend.device_scope():
        parts = [run(batch, assembly.label_set) for (batch,) in backend.prefetch(batches)]
        index, energies = (backend.xp.concat(arrays, axis=0) for arrays in zip(*parts, strict=True))
        return Answered(backend.to_numpy(index), backend.to_numpy(energies))


def evaluate(assembly: Assembly, data: Dataset) -> Evaluation:
    """The machine's errors on scaled, labelled samples."""
    return judge(answer(assembly, data.samples), data.labels)
