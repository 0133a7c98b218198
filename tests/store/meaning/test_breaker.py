"""Who does not answer rests: nobody waits for him meanwhile, and one success is enough to be asked again."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.embedding.server import HELD, EmbeddingServer, Step, refused
from tests.store.meaning.asking import PATIENCE, ollama_of

from notewell_store.meaning.breaker import FIRST_REST, LONGEST_REST, WARM_UP, Breaker
from notewell_store.meaning.embedder import Late, NoVector, Unreachable
from notewell_store.meaning.endpoint import PROBE

SHORT = 0.05  # seconds
BUSY = refused(503)


class Clock:
    """Goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(server: EmbeddingServer, clock: Clock) -> Breaker:
    made = Breaker(ollama_of(server), clock)
    made.space(PATIENCE)
    return made


def fail(server: EmbeddingServer, breaker: Breaker, step: Step = BUSY) -> str:
    server.next.append(step)
    with pytest.raises(Unreachable) as failure:
        breaker.query("fire", PATIENCE)
    server.next.clear()
    return failure.value.why


def test_while_it_rests_it_is_not_asked_and_says_when_it_will_be(
    server: EmbeddingServer, breaker: Breaker, clock: Clock
) -> None:
    assert fail(server, breaker).endswith("has too much to do (503) (asked again in 5 s)")
    asked = len(server.asked)
    for ask in (
        lambda: breaker.query("fire", PATIENCE),
        lambda: breaker.passages(["fire"], PATIENCE),
        lambda: breaker.space(PATIENCE),
    ):
        clock.now += 1
        with pytest.raises(Unreachable, match=rf"\(503\) \(asked again in {round(1005 - clock.now)} s\)"):
            ask()
    assert len(server.asked) == asked
    clock.now += FIRST_REST
    assert breaker.query("fire", PATIENCE)
    assert len(server.asked) == asked + 1


def test_each_failure_doubles_the_rest_and_a_success_forgets_them(
    server: EmbeddingServer, breaker: Breaker, clock: Clock
) -> None:
    rests = []
    for _ in range(9):
        rests.append(fail(server, breaker).rpartition("in ")[2])
        clock.now += LONGEST_REST
    assert rests == ["5 s)", "10 s)", "20 s)", "40 s)", "80 s)", "160 s)", *["300 s)"] * 3]
    assert breaker.passages(["fire"], PATIENCE)
    assert fail(server, breaker).endswith("(asked again in 5 s)")


def test_a_space_that_is_known_ends_no_rest(server: EmbeddingServer, breaker: Breaker, clock: Clock) -> None:
    for rest in (5, 10, 20):
        assert fail(server, breaker).endswith(f"(asked again in {rest} s)")
        clock.now += rest
        assert breaker.space(PATIENCE).dimensions == 384


def test_after_a_rest_one_asks_and_the_others_do_not_wait_for_him(
    server: EmbeddingServer, breaker: Breaker, clock: Clock
) -> None:
    fail(server, breaker)
    clock.now += FIRST_REST
    server.next.append(HELD)
    with ThreadPoolExecutor(1) as threads:
        trial = threads.submit(breaker.query, "fire", PATIENCE)
        assert server.is_holding(PATIENCE)
        for _ in range(20):
            with pytest.raises(Unreachable, match="asked again in 1 s"):
                breaker.query("fire", PATIENCE)
        server.release()
        assert trial.result(PATIENCE)
    assert breaker.query("fire", PATIENCE)


def test_calls_that_fail_together_count_as_one(server: EmbeddingServer, breaker: Breaker, clock: Clock) -> None:
    server.next.extend([BUSY] * 200)
    with ThreadPoolExecutor(40) as threads:
        calls = [threads.submit(breaker.query, "fire", PATIENCE) for _ in range(200)]
        failures = [call.exception(PATIENCE) for call in calls]
    assert {type(failure) for failure in failures} == {Unreachable}
    server.next.clear()
    clock.now += FIRST_REST
    assert breaker.query("fire", PATIENCE)


def test_a_text_without_a_vector_is_no_failure(server: EmbeddingServer, breaker: Breaker) -> None:
    server.bad = ("poison",)
    for _ in range(3):
        with pytest.raises(NoVector):
            breaker.query("poison", PATIENCE)
    assert breaker.query("fire", PATIENCE)


def test_who_was_late_is_let_load_its_model_behind_the_answers(server: EmbeddingServer, breaker: Breaker) -> None:
    server.next.extend([HELD, HELD])  # the query, which is given up; and what is asked behind it
    with pytest.raises(Late, match=r"asked again in 5 s"):
        breaker.query("secret", SHORT)
    [warming] = [thread for thread in threading.enumerate() if thread.name == "warming"]
    with pytest.raises(Unreachable):
        breaker.query("fire", PATIENCE)
    server.release()
    warming.join(PATIENCE)
    assert server.embedded[-1] == WARM_UP
    assert breaker.query("fire", PATIENCE), "though the clock stands still"


def test_a_failed_warming_is_no_failure_more(server: EmbeddingServer, breaker: Breaker, clock: Clock) -> None:
    server.next.extend([HELD, HELD])
    server.bad = (WARM_UP, PROBE)
    with pytest.raises(Late):
        breaker.query("fire", SHORT)
    server.release()
    for thread in threading.enumerate():
        if thread.name == "warming":
            thread.join(PATIENCE)
    server.bad = ()
    with pytest.raises(Unreachable, match="did not answer in"):
        breaker.query("fire", PATIENCE)
    clock.now += FIRST_REST
    assert breaker.query("fire", PATIENCE)


def test_it_stands_for_the_embedder_behind_it(server: EmbeddingServer, breaker: Breaker) -> None:
    behind = ollama_of(server)
    assert (breaker.name, breaker.is_remote, breaker.sends) == (behind.name, behind.is_remote, behind.sends)
    assert breaker.space(PATIENCE) == behind.space(PATIENCE)


def test_many_threads_and_an_endpoint_that_comes_and_goes(
    server: EmbeddingServer, breaker: Breaker, clock: Clock
) -> None:
    def ask(number: int) -> bool:
        if number < 200 and number % 7 == 0 and not server.next:
            server.next.append(BUSY)
        clock.now += 30  # so that it is asked again before all have asked
        try:
            return bool(breaker.query("fire", PATIENCE))
        except Unreachable:
            return False

    with ThreadPoolExecutor(16) as threads:
        answered = list(threads.map(ask, range(400)))
    assert set(answered) == {True, False}
    server.next.clear()
    clock.now += LONGEST_REST
    assert breaker.query("fire", PATIENCE)
