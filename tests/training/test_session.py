from xpnet.training.checkpoint_meta import Position


def test_a_session_starts_at_the_beginning_and_finishes_after_all_epochs(make_session):
    session = make_session(epochs=2)
    assert (session.position, session.history, session.finished) == (Position(), [], False)
    session.position = Position(epoch=2)
    assert session.finished
