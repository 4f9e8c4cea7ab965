import signal
import threading

import pytest

from xpnet.training.interrupts import SIGNALS, Interrupts


@pytest.mark.parametrize("signum", SIGNALS)
def test_the_first_signal_is_noted_the_second_stops(signum):
    with Interrupts() as interrupts:
        assert interrupts.signum is None
        signal.raise_signal(signum)
        assert interrupts.signum == signum
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signum)


def test_former_handlers_come_back():
    before = [signal.getsignal(signum) for signum in SIGNALS]
    with Interrupts():
        assert [signal.getsignal(signum) for signum in SIGNALS] != before
    assert [signal.getsignal(signum) for signum in SIGNALS] == before


def test_other_threads_are_left_alone():
    seen = []

    def work():
        with Interrupts() as interrupts:
            seen.append(interrupts.signum)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [None]
