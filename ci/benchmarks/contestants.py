"""The steps that compete in a training workload: xpnet eager and captured, NumPy, torch in five ways, JAX.

Each is made for one learning rate, so that a proving step may have a rate so large that its change of the parameters
holds all digits of the gradient. `step()` does one update, `parameters()` brings them to the host.
"""

from collections.abc import Callable
from itertools import count
from typing import Any

import numpy as np

import xpnet as xn
from benchmarks.libraries import Libraries
from benchmarks.timing import Runner
from benchmarks.workload import Answer, Entry

RATE, PROVING_RATE = 1e-4, 100.0
WARM_UPS = 3  # eager steps before a CUDA graph is recorded
NUMBERS = count()


def enter(name: str, make: Callable[[float], Any], initial: dict[str, Any]) -> Entry:
    """An entry whose answer is (before - after) / rate of one step at a large rate."""

    def gradient() -> Answer:
        proving = make(PROVING_RATE)
        proving.wait(proving.step())
        after = proving.parameters()
        return {name: (before - after[name]) / PROVING_RATE for name, before in initial.items()}

    timed = make(RATE)
    return Entry(Runner(name, timed.step, timed.wait), gradient)


class XpnetStep:
    """The public trainer's learn_sample."""

    def __init__(self, work: Any, case: Any, backend: Any, wait: Any, rate: float) -> None:
        self.trainer, self.wait, self.rate = work.trainer(backend), wait, rate
        self.param = self.trainer.param
        self.param.load_state_dict(work.initial())
        place = {True: backend.indices, False: backend.asarray}
        self.data = [place[each.dtype.kind in "iu"](each) for each in work.data(case.size)]

    def step(self) -> Any:
        """One step."""
        return self.trainer.learn_sample(*self.data, learning_rate=self.rate)

    def parameters(self) -> dict[str, Any]:
        """On the host."""
        return dict(self.param.state_dict())


class CapturedStep(XpnetStep):
    """The same trainer captured: its step is one compiled program."""

    def __init__(self, work: Any, case: Any, backend: Any, wait: Any, rate: float) -> None:
        super().__init__(work, case, backend, wait, rate)
        self.trainer = xn.capture(self.trainer)


class NumpyStep:
    """The workload's own gradients in float32, and the update."""

    def __init__(self, work: Any, case: Any, rate: float) -> None:
        self.gradients, self.data, self.rate = work.gradients, work.data(case.size), rate
        self.values = {name: value.copy() for name, value in work.initial().items()}

    def wait(self, _: object) -> None:
        """NumPy has always finished."""

    def step(self) -> Any:
        """One step."""
        for name, gradient in self.gradients(self.values, self.data).items():
            gradient *= np.float32(self.rate)
            self.values[name] -= gradient

    def parameters(self) -> dict[str, Any]:
        """On the host."""
        return self.values


class TorchStep:
    """backward() and torch.optim.SGD: the way torch is taught."""

    def __init__(self, work: Any, case: Any, libraries: Libraries, loss: Any, rate: float) -> None:
        self.torch: Any = libraries.torch
        self.device = libraries.torch_device
        self.wait, self.rate, self.loss = libraries.wait_for_torch, rate, loss
        self.values = {name: self.place(value).requires_grad_() for name, value in work.initial().items()}
        self.leaves = list(self.values.values())
        self.data = tuple(map(self.place, (*work.data(case.size), *work.tables())))
        self.optimizer = self.torch.optim.SGD(self.leaves, lr=rate)

    def place(self, x: Any) -> Any:
        """A copy on the device, in torch's own memory."""
        return self.torch.tensor(x, device=self.device)

    def step(self) -> Any:
        """One step."""
        self.optimizer.zero_grad()
        loss = self.loss(self.torch, self.values, self.data)
        loss.backward()
        self.optimizer.step()
        return loss

    def parameters(self) -> dict[str, Any]:
        """On the host."""
        return {name: value.detach().cpu().numpy() for name, value in self.values.items()}


class TorchForeachStep(TorchStep):
    """Gradients by autograd.grad and one multi-tensor update: the fastest eager torch that we know."""

    def step(self) -> Any:
        """One step."""
        loss = self.loss(self.torch, self.values, self.data)
        gradients = self.torch.autograd.grad(loss, self.leaves)
        with self.torch.no_grad():
            self.torch._foreach_add_(self.leaves, gradients, alpha=-self.rate)
        return loss


class TorchCompiledStep(TorchStep):
    """Loss, gradient and update in one function under torch.compile."""

    def __init__(self, work: Any, case: Any, libraries: Libraries, loss: Any, rate: float) -> None:
        super().__init__(work, case, libraries, loss, rate)
        self.values = {name: value.detach() for name, value in self.values.items()}
        torch = self.torch

        def step(values: Any, data: Any) -> Any:
            gradients, value = torch.func.grad_and_value(lambda values: loss(torch, values, data))(values)
            torch._foreach_add_(list(values.values()), list(gradients.values()), alpha=-rate)
            return value

        # A code object of its own: for one, the compiler keeps eight programs at most and tries them in turn.
        step.__code__ = step.__code__.replace(co_name=f"step_{next(NUMBERS)}")
        self.compiled = torch.compile(step, dynamic=False)

    def step(self) -> Any:
        """One step."""
        return self.compiled(self.values, self.data)


def graphed(kind: type[TorchStep]) -> type[TorchStep]:
    """That kind of step recorded in one CUDA graph, which is replayed."""

    class Graphed(kind):  # type: ignore[valid-type,misc]
        def __init__(self, work: Any, case: Any, libraries: Libraries, loss: Any, rate: float) -> None:
            super().__init__(work, case, libraries, loss, rate)
            torch, aside = self.torch, self.torch.cuda.Stream()
            aside.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(aside):
                for _ in range(WARM_UPS):
                    super().step()
            torch.cuda.current_stream().wait_stream(aside)
            self.graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self.graph):
                self.result = super().step()
            with torch.no_grad():  # warming up has moved the parameters
                for name, value in work.initial().items():
                    self.values[name].copy_(self.place(value))

        def step(self) -> Any:
            """One step."""
            self.graph.replay()
            return self.result

    return Graphed


def torch_compiled(libraries: Libraries) -> list[tuple[str, Any]]:
    """The ways of torch that take their time to be made, where they are wanted; graphs need a GPU."""
    if not libraries.compiled:
        return []
    graphs = [("torch graph", graphed(TorchForeachStep)), ("torch compile+graph", graphed(TorchCompiledStep))]
    return [("torch compile", TorchCompiledStep), *(graphs if libraries.gpu else [])]


class JaxStep:
    """value_and_grad and the update in one jitted function whose old parameters are donated to the new."""

    def __init__(self, work: Any, case: Any, libraries: Libraries, rate: float) -> None:
        jax: Any = libraries.jax

        def step(values: Any, data: Any) -> Any:
            loss, gradients = jax.value_and_grad(lambda values: work.jax_loss(jax, values, data))(values)
            return jax.tree.map(lambda w, g: w - rate * g, values, gradients), loss

        self.compiled = jax.jit(step, donate_argnums=0)
        self.values = {name: jax.numpy.array(value) for name, value in work.initial().items()}
        self.data = tuple(map(jax.numpy.asarray, (*work.data(case.size), *work.tables())))
        self.wait = jax.block_until_ready

    def step(self) -> Any:
        """One step; its values need not be ready when it returns."""
        self.values, loss = self.compiled(self.values, self.data)
        return loss

    def parameters(self) -> dict[str, Any]:
        """On the host."""
        return {name: np.asarray(value) for name, value in self.values.items()}
