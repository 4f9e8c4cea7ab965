"""Streams and prefetching on the CuPy backend: what waits for what, and what stays alive until then."""

import gc
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from cupy_stand_in import memory

from xpnet.errors import OutOfMemoryError


@pytest.fixture
def current(fake_cupy):
    return fake_cupy.cuda.get_current_stream


def test_a_stream_is_entered_and_left_with_its_device(cupy_backend, current, fake_cupy):
    backend = cupy_backend("cuda:1")
    with backend.stream() as side:
        assert current() is side
        assert side.non_blocking
        assert (side.device_id, fake_cupy.cuda.runtime.getDevice()) == (1, 1)
    assert (current().ptr, fake_cupy.cuda.runtime.getDevice()) == (0, 0)


def test_work_before_is_seen_inside_and_work_after_waits(cupy_backend, current, fake_cupy):
    backend, ran = cupy_backend(), []
    outer = fake_cupy.cuda.Stream(non_blocking=True)
    with backend.device_scope(), outer:
        outer.submit(lambda: ran.append("before"))
        with backend.stream() as side:
            assert ran == []
            side.submit(lambda: ran.append("inside"))
            side.synchronize()
            assert ran == ["before", "inside"]
            side.submit(lambda: ran.append("more"))
        outer.submit(lambda: ran.append("after"))
    assert ran == ["before", "inside"]
    outer.synchronize()
    assert ran == ["before", "inside", "more", "after"]


def test_work_after_waits_for_what_an_exception_cut_short(cupy_backend, current, fake_cupy):
    backend, ran = cupy_backend(), []

    def cut_short():
        with backend.stream() as side:
            side.submit(lambda: ran.append("inside"))
            return 1 / 0

    with pytest.raises(ZeroDivisionError):
        cut_short()
    assert ran == ["inside"]  # the null stream runs at once, so its wait has happened
    assert (current().ptr, fake_cupy.cuda.runtime.getDevice()) == (0, 0)


def test_streams_are_kept_and_nest(cupy_backend):
    backend = cupy_backend()
    with backend.stream() as first, backend.stream() as second:
        assert first is not second
    with backend.stream() as again, backend.stream() as again_inside:
        assert (again, again_inside) == (first, second)


def test_copies_do_not_queue_behind_the_work_of_a_side_stream(cupy_backend, current):
    backend, null = cupy_backend(), current()
    with backend.stream() as side:
        side.submit(lambda: None)
        asked = side.asked
    (_,) = backend.prefetch([(np.ones(2),)])
    assert backend._streams.beside(null, "copy") is not side
    assert side.asked == asked


def test_every_thread_has_streams_of_its_own(cupy_backend):
    backend, meet = cupy_backend(), threading.Barrier(3, timeout=60)

    def entered(_):
        with backend.stream() as stream:
            meet.wait()
            return stream.ptr, backend.to_numpy(backend.xp.sum(backend.ones((5,)))).item()

    with ThreadPoolExecutor(3) as threads:
        found = list(threads.map(entered, range(3)))
    assert len({ptr for ptr, _ in found}) == 3
    assert {value for _, value in found} == {5.0}


def _batches(count=7, last=3):
    rng = np.random.default_rng(2)
    for k in range(count):
        rows = last if k == count - 1 else 5 + k % 3
        yield rng.normal(size=(rows, 4)), rng.integers(0, 9, rows).astype(np.int32), np.arange(rows) > 2


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_prefetched_batches_are_the_batches(cupy_backend, dtype):
    backend = cupy_backend("cuda:1", dtype)
    plain = list(_batches())
    for sent, (x, labels, mask) in zip(backend.prefetch(_batches()), plain, strict=True):
        assert [part.dtype for part in sent] == [dtype, np.int64, dtype]
        assert {part.device.id for part in sent} == {1}
        np.testing.assert_array_equal(backend.to_numpy(sent[0]), x.astype(dtype))
        np.testing.assert_array_equal(backend.to_numpy(sent[1]), labels)
        np.testing.assert_array_equal(backend.to_numpy(sent[2]), mask)


def test_batches_may_be_kept(cupy_backend):
    backend = cupy_backend()
    kept = list(backend.prefetch(_batches()))
    for sent, batch in zip(kept, _batches(), strict=True):
        for part, values in zip(sent, batch, strict=True):
            np.testing.assert_array_equal(backend.to_numpy(part), values.astype(part.dtype))


def test_a_pinned_buffer_is_not_refilled_before_its_copy_is_done(cupy_backend, fake_cupy):
    backend = cupy_backend()
    with backend.device_scope(), fake_cupy.cuda.Stream(non_blocking=True):  # here nothing runs before it must
        kept = list(backend.prefetch((np.full((3,), float(k)),) for k in range(6)))
        assert [backend.to_numpy(x)[0] for (x,) in kept] == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]


def test_the_next_batch_is_asked_for_before_the_one_at_hand_is_used(cupy_backend):
    asked = []

    def source():
        for k in range(4):
            asked.append(k)
            yield (np.full((2,), float(k)),)

    backend = cupy_backend()
    seen = [(backend.to_numpy(x)[0], len(asked)) for (x,) in backend.prefetch(source())]
    assert seen == [(0.0, 2), (1.0, 3), (2.0, 4), (3.0, 4)]


def test_copies_run_on_a_stream_of_their_own_and_only_waited_for_when_used(cupy_backend, fake_cupy):
    backend, stream = cupy_backend(), fake_cupy.cuda.Stream
    made = []
    fake_cupy.cuda.Stream = lambda **options: made.append(stream(**options)) or made[-1]
    batches = backend.prefetch((np.ones((3,)), np.zeros((3,))) for _ in range(4))
    next(batches)
    (copying,) = made
    # Two batches were sent: a wait and two copies each. Only the first was waited for.
    assert (copying.asked, copying.done_count) == (6, 3)
    next(batches)
    assert copying.done_count == 6


def test_memory_is_not_written_before_the_work_that_read_it_is_done(cupy_backend, fake_cupy):
    backend, ran = cupy_backend(), []
    compute = fake_cupy.cuda.Stream(non_blocking=True)
    with backend.device_scope(), compute:
        batches = backend.prefetch((np.full((2,), float(k)),) for k in range(3))
        next(batches)
        compute.submit(lambda: ran.append("step 0"))
        (x,) = next(batches)  # sends batch 2, whose memory may be that of batch 0
        backend._streams.beside(compute, "copy").synchronize()
        assert ran == ["step 0"]
        np.testing.assert_array_equal(backend.to_numpy(x), [1.0, 1.0])


def test_a_batch_that_is_used_on_another_stream_is_waited_for_there(cupy_backend):
    backend = cupy_backend()
    batches = backend.prefetch((np.full((2,), float(k)),) for k in range(3))
    for wanted in range(3):
        with backend.stream():
            (x,) = next(batches)
            total = backend.xp.sum(x)
        assert float(total) == 2.0 * wanted


def test_the_sources_exception_comes_after_the_batches_before_it(cupy_backend):
    def source():
        yield (np.zeros(2),)
        yield (np.ones(2),)
        raise error

    error = LookupError("no third batch")
    backend, seen = cupy_backend(), []
    with pytest.raises(LookupError, match="no third batch"):
        seen.extend(backend.to_numpy(x)[0] for (x,) in backend.prefetch(source()))
    batches = backend.prefetch(source())
    assert [backend.to_numpy(next(batches)[0])[0] for _ in range(2)] == [0.0, 1.0]
    with pytest.raises(LookupError):
        next(batches)


def test_no_batch_no_array_and_empty_arrays(cupy_backend):
    backend = cupy_backend()
    assert list(backend.prefetch([])) == []
    assert list(backend.prefetch([()])) == [()]
    ((x, scalar),) = backend.prefetch([(np.ones((0, 3)), np.float64(4.0))])
    assert (x.shape, float(scalar)) == ((0, 3), 4.0)


def test_pinned_buffers_are_reused_and_given_back_once_their_copies_are_done(cupy_backend, fake_cupy):
    backend, most = cupy_backend(), 0
    for k, (x,) in enumerate(backend.prefetch((np.full((8,), float(k)),) for k in range(9))):
        most = max(most, memory.PINNED.alive)
        assert float(x[0]) == k
    gc.collect()
    assert (most, memory.PINNED.lent, memory.PINNED.alive) == (2, 2, 0)


def test_leaving_early_waits_for_the_copies_under_way(cupy_backend):
    backend = cupy_backend()
    batches = backend.prefetch((np.full((4,), float(k)),) for k in range(5))
    next(batches)
    (kept,) = next(batches)
    batches.close()
    gc.collect()
    np.testing.assert_array_equal(np.asarray(kept), np.full((4,), 1.0))
    copying = backend._streams.beside(__import__("cupy").cuda.Stream.null, "copy")
    assert copying.done_count == copying.asked


def test_running_out_of_memory_on_the_way_is_told_in_turn(cupy_backend):
    backend = cupy_backend()
    batches = backend.prefetch([(np.ones(16),), (np.ones(16),), (np.ones(2**21),)])
    backend.limit_memory(2**20)
    assert [next(batches)[0].shape, next(batches)[0].shape] == [(16,), (16,)]
    with pytest.raises(OutOfMemoryError, match="8 MiB more were needed"):
        next(batches)


def test_prefetching_in_several_threads(cupy_backend):
    backend = cupy_backend()

    def total(seed):
        rng = np.random.default_rng(seed)
        whole = rng.integers(0, 100, (40, 16)).astype(float)
        sums = [float(backend.xp.sum(x)) for (x,) in backend.prefetch((row,) for row in whole)]
        return sums == whole.sum(axis=1).tolist()

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(total, range(8)))
