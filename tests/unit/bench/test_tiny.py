"""The phases of a tiny day."""

from bench.tiny import PHASES, _phase_seconds


def test_a_phase_takes_from_when_all_before_it_had_ended() -> None:
    ended = dict(zip(PHASES, (0.5, 0.75, 4.0, 3.0, 6.0, 7.5, 8.0, 8.25, 8.5), strict=True))
    taken = [_phase_seconds([ended], phase).middle for phase in PHASES]
    assert taken == [0.5, 0.25, 3.25, 0.0, 2.0, 1.5, 0.5, 0.25, 0.25]  # the library was there before the JVM
    assert sum(taken) == ended["verdict"]
