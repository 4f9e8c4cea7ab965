"""What a trainer is asked: a sample, the answers it may have, and the values of a latent variable."""

from dataclasses import dataclass
from typing import final

from xpnet._typing import Array
from xpnet.errors import LabelError
from xpnet.inference.labels import Labels
from xpnet.modules.trainable import Trainable
from xpnet.training.entrance import Entrance


@final
@dataclass(slots=True)
class Question:
    """Checked arrays on the backend: the sample (*event) or (B, *event), the labels, and latent values, if any.

    labels: None where the machine gives a vector of energies. mask: as it was given, None where all are present.
    """

    entrance: Entrance
    sample: Array
    labels: Labels | None
    mask: Array | None
    latents: Array | None

    @property
    def arrays(self) -> dict[str, Array]:
        """What a NaN may have come from, by name."""
        found = {"sample": self.sample, "label_set": None if self.labels is None else self.labels.usable}
        return {name: array for name, array in {**found, "latent_set": self.latents}.items() if array is not None}

    def present(self, count: int) -> Array | None:
        """Which of `count` energies belong to answers that are present; None for all."""
        if self.labels is not None:
            return self.labels.present
        return self.entrance.present(self.mask, count, self.sample)

    def require_present(self, answer: Array) -> None:
        """Raise LabelError if the mask says that a desired label, integers () or (B,), is absent."""
        labels = self.labels
        if labels is None or labels.present is None or not labels.backend.synchronous:
            return
        xp = labels.backend.xp
        inside = answer < labels.count
        there: Array = labels.present_at(xp.where(inside, answer, 0)[..., None])
        absent = inside & ~there[..., 0]
        if bool(xp.any(absent)):
            which = int(xp.argmax(xp.astype(absent, xp.int8))) if absent.ndim else 0
            msg = f"the mask leaves out the desired label of sample {which}; let it be present, or give desired="
            raise LabelError(msg)

    @property
    def batch(self) -> tuple[int, ...]:
        """() or (B,)."""
        return self.entrance.batch(self.sample)

    @property
    def replicated(self) -> Array:
        """The sample with an axis for labels and, if there are any, one for latent values: (B, 1, 1, *event)."""
        x = self.sample if self.labels is None else self.entrance.with_label_axis(self.sample)
        return self._before_event(x) if self.latents is not None and self.batch else x

    @property
    def alone(self) -> Array:
        """The sample with an axis for latent values only, if there are any: what meets one label for each sample."""
        return self._before_event(self.sample) if self.latents is not None and self.batch else self.sample

    @property
    def latents_replicated(self) -> Array | None:
        """Latent values that meet all labels: (M, *event), or (B, 1, M, *event) where they differ per sample."""
        z = self.latents
        return z[:, None, ...] if z is not None and z.ndim > self.entrance.latent_ndim + 1 else z

    def _before_event(self, x: Array) -> Array:
        return self.entrance.backend.xp.expand_dims(x, axis=x.ndim - self.entrance.sample_ndim)


def asked(
    entrance: Entrance,
    sample: Array,
    label_set: Array | None,
    mask: Array | None,
    latent_set: Array | None,
    *,
    owner: Trainable | None,
    takes_labels: bool,
    takes_latents: bool,
) -> Question:
    """Everything checked and brought in; ShapeError and LabelError say what does not fit."""
    x = entrance.sample(sample)
    codes = _codes(entrance, label_set, x, owner, takes_labels)
    if not takes_latents and latent_set is not None:
        msg = "this trainer has no latent variable over a set: leave latent_set out, or make it with latent=Min()"
        raise LabelError(msg)
    latents = entrance.latents(latent_set, x) if takes_latents else None
    if codes is None:
        return Question(entrance, x, None, mask, latents)
    count = codes.shape[codes.ndim - entrance.label_ndim - 1]
    present = entrance.present(mask, count, x)
    labels = Labels(entrance.backend, codes, entrance.label_ndim, present, owner, latents is not None)
    return Question(entrance, x, labels, mask, latents)


def _codes(
    entrance: Entrance, label_set: Array | None, x: Array, owner: Trainable | None, takes_labels: bool
) -> Array | None:
    if not takes_labels:
        if label_set is not None:
            msg = (
                "this machine gives one energy for each answer, from the sample alone: leave label_set out, or give "
                "the trainer a cost that compares the machine's output with labels, Trainer(machine, Euclidean())"
            )
            raise LabelError(msg)
        return None
    if owner is not None:
        if label_set is not None:
            msg = f"this trainer's label set learns, {owner!r}: leave label_set out"
            raise LabelError(msg)
        return entrance.label_set(owner.value.x)
    if label_set is None:
        msg = "a label set is needed, (K, ...) or (B, K, ...): the answers that the sample may have"
        raise LabelError(msg)
    codes = entrance.label_set(label_set)
    entrance.require_batch(codes, x)
    return codes
