from xpnet.data.minibatches import batch_slices, epoch_order


def test_an_order_is_a_function_of_its_arguments():
    assert epoch_order(50, 1, 2).tolist() == epoch_order(50, 1, 2).tolist()
    orders = {tuple(epoch_order(50, seed, epoch)) for seed in (0, 1) for epoch in (0, 1)}
    assert len(orders) == 4
    assert all(sorted(order) == list(range(50)) for order in orders)


def test_slices_cover_everything_once():
    for count in range(12):
        seen = [k for part in batch_slices(count, 5) for k in range(count)[part]]
        assert seen == list(range(count))
