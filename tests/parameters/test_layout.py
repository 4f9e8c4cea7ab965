"""Slots of one vector: aligned, disjoint, in order."""

from hypothesis import given
from hypothesis import strategies as st

from xpnet.parameters.layout import ALIGNMENT, lay_out

some_shapes = st.dictionaries(st.text(min_size=1), st.lists(st.integers(0, 9), max_size=3).map(tuple), max_size=6)


@given(some_shapes, st.sampled_from([4, 8]))
def test_slots_are_aligned_disjoint_and_in_order(shapes, itemsize):
    slots, length = lay_out(shapes, itemsize)
    assert list(slots) == list(shapes)
    end = 0
    for slot in slots.values():
        assert slot.start * itemsize % ALIGNMENT == 0
        assert slot.start >= end
        end = slot.stop
    assert end <= length
    assert length * itemsize % ALIGNMENT == 0
    assert length * itemsize <= sum(max(slot.size, 1) * itemsize + ALIGNMENT for slot in slots.values())
