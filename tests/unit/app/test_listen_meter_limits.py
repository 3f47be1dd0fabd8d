from rostra.app import listen_meter
from rostra.app.listen_meter import BURST_NS, Meter
from rostra.domain.grid import MESSAGE_SAMPLES, us_of_samples

US_PER_S = 1_000_000


def arrive(meter: Meter, first: int, count: int, age_us: int) -> None:
    """Messages `first`… of a run whose epoch is 0, each `age_us` after its first sample."""
    for number in range(first, first + count):
        pts = number * MESSAGE_SAMPLES
        meter.fresh((us_of_samples(pts) + age_us) * 1_000, pts, MESSAGE_SAMPLES)


def test_the_median_is_of_the_last_hour_and_memory_is_bounded() -> None:
    meter = Meter()
    meter.fresh(0, 0, MESSAGE_SAMPLES)
    most = listen_meter.ARRIVALS_MAX
    first = 2 * BURST_NS // 100_000_000
    arrive(meter, first, most, US_PER_S)
    assert meter.latency_s(0, 0) == 1.0
    arrive(meter, first + most, most // 2, 3 * US_PER_S)
    assert meter.latency_s(0, 0) == 2.0, "half of what is kept is the newer half"
    arrive(meter, first + most + most // 2, most // 2, 3 * US_PER_S)
    assert meter.latency_s(0, 0) == 3.0, "nothing older than the last hour is left"
    assert len(meter._arrivals) == most
    assert meter.gaps == 1, "from the burst to the first message, and nowhere else"
