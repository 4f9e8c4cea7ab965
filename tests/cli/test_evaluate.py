import shutil

import numpy as np


def test_the_table_of_the_training_comes_again(xpnet, blobs):
    table = xpnet("train", "blobs.toml").out.partition(" part ")[2].partition("held-out samples")[0]
    shown = xpnet("evaluate", blobs / "runs" / "blobs")
    assert shown.code == 0
    assert table.strip() in shown.out
    assert "answered" in shown.out
    assert "[b]" in shown.out


def test_other_data_are_refused_and_moved_data_found(xpnet, trained, blobs):
    (blobs / "moved").mkdir()
    shutil.move(blobs / "blobs.npz", blobs / "moved" / "blobs.npz")
    assert "no data file blobs.npz" in xpnet("evaluate", trained).err
    assert xpnet("evaluate", trained, "--set", "data.path=moved/blobs.npz").code == 0
    np.savez(blobs / "blobs.npz", samples=np.zeros((8, 4)), labels=np.arange(8) % 2)
    shown = xpnet("evaluate", trained)
    assert (shown.code, "the data are not those of the run" in shown.err) == (66, True)
