"""Between a session and a checkpoint: everything that decides how learning goes on, and nothing else."""

import logging

from xpnet import __version__
from xpnet.errors import CheckpointError, RecipeError
from xpnet.parameters import ParameterStore
from xpnet.training.assembly import Assembly
from xpnet.training.checkpoint import Arrays, Checkpoint, require_match
from xpnet.training.checkpoint_meta import Meta
from xpnet.training.material import require_same_data
from xpnet.training.recipe import Recipe
from xpnet.training.session import Session

_log = logging.getLogger("xpnet")

MAY_CHANGE = ("name", "training.epochs", "training.checkpoint_every")  # without changing the steps already made
MAY_MOVE = ("data.path",)  # without changing what a run is judged by: its data are recognised by their fingerprint


def take_snapshot(session: Session) -> Checkpoint:
    """A checkpoint of the session as it stands: parameters "p/", optimizer slots "o/slot/", scaling "s/"."""
    assembly, material = session.assembly, session.material
    slots = assembly.store.slots_dict().items()
    arrays = {f"p/{name}": array for name, array in assembly.store.state_dict().items()}
    arrays |= {f"o/{slot}/{name}": array for slot, values in slots for name, array in values.items()}
    arrays |= {f"s/{name}": array for name, array in material.scaling.state_dict().items()}
    meta = Meta(
        xpnet=__version__,
        recipe=assembly.recipe.model_dump(mode="json"),
        backend=assembly.backend.name,
        dtype=assembly.backend.dtype_name,
        data=material.fingerprint,
        label_names=list(assembly.label_names),
        event_shape=list(material.training.event_shape),
        position=session.position,
        metrics=session.history,
        aliases=dict(assembly.store.aliases()),
    )
    return Checkpoint(arrays, meta)


def restore_parameters(assembly: Assembly, checkpoint: Checkpoint) -> None:
    """Put the checkpoint's parameters into the machine; CheckpointError unless they are of this very machine."""
    store, found = assembly.store, checkpoint.group("p")
    require_match(store.state_dict(), found, "the checkpoint")
    if dict(store.aliases()) != checkpoint.meta.aliases:
        msg = f"the checkpoint shares {checkpoint.meta.aliases} where the machine shares {dict(store.aliases())}"
        raise CheckpointError(msg)
    store.load_state_dict(found)


def resume_session(session: Session, checkpoint: Checkpoint) -> None:
    """Bring the session to where the checkpoint was taken, so that learning goes on bit for bit."""
    require_same_recipe(session.assembly.recipe, checkpoint.meta.recipe)
    require_same_data(session.material, checkpoint.meta.data)
    if session.assembly.backend.name != checkpoint.meta.backend:
        names = checkpoint.meta.backend, session.assembly.backend.name
        _log.warning("the run was trained on %s and goes on with %s: equal to rounding, not bit for bit", *names)
    restore_parameters(session.assembly, checkpoint)
    _restore_slots(session.assembly.store, checkpoint.group("o"))
    session.position = checkpoint.meta.position
    session.history = list(checkpoint.meta.metrics)


def require_same_recipe(recipe: Recipe, kept: dict[str, object]) -> None:
    """Raise RecipeError that names every key in which the recipe differs from the one in force before."""
    told = _differences(recipe, kept, MAY_CHANGE)
    if told:
        msg = f"cannot resume with another recipe: {'; '.join(told)}. Change it back, or start anew with --overwrite"
        raise RecipeError(msg)


def require_judged_alike(recipe: Recipe, kept: dict[str, object]) -> None:
    """Raise RecipeError unless machine, split and scaling are those of the run: samples it learned would judge it."""
    told = _differences(recipe, kept, MAY_CHANGE + MAY_MOVE)
    if told:
        remedy = "Leave it out; of the data, only data.path may move"
        msg = f"not what the run was trained with: {'; '.join(told)}. {remedy}"
        raise RecipeError(msg)


def _differences(recipe: Recipe, kept: dict[str, object], but: tuple[str, ...]) -> list[str]:
    now, before = _flat(recipe.model_dump(mode="json")), _flat(kept)
    changed = sorted(key for key in now.keys() | before.keys() if now.get(key) != before.get(key))
    return [f"{key} is {_said(now, key)} and was {_said(before, key)}" for key in changed if key not in but]


def _restore_slots(store: ParameterStore, arrays: Arrays) -> None:
    slots: dict[str, dict[str, object]] = {}
    for key, array in arrays.items():
        slot, _, name = key.partition("/")
        slots.setdefault(slot, {})[name] = array
    for slot, values in slots.items():
        require_match(store.state_dict(), values, f"optimizer slot {slot!r} of the checkpoint")
    store.load_slots_dict(slots)


def _said(values: dict[str, object], key: str) -> str:
    return "not given" if values.get(key) is None else repr(values[key])


def _flat(value: object, prefix: str = "") -> dict[str, object]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if items is None:
        return {prefix: value}
    return {key: leaf for name, inner in items for key, leaf in _flat(inner, f"{prefix}.{name}".lstrip(".")).items()}
