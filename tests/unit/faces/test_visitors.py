"""Who an unnamed visitor may be."""

from __future__ import annotations

import random

import pytest

from daji.faces.http import visitors

FIREFOX = {
    "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "accept": "text/html,*/*;q=0.8",
    "accept-language": "zh-CN,zh;q=0.9",
}


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("198.51.100.9", ("net:198.51.100.0/24",)),
        ("::ffff:198.51.100.9", ("net:198.51.100.0/24",)),
        ("2001:db8:1:2:3:4:5:6", ("net:2001:db8:1:2::/64", "net:2001:db8:1::/48")),
        ("fe80::1%eth0", ("net:fe80::/64", "net:fe80::/48")),
        ("", ("net:?",)), ("unix:", ("net:?",)), ("1.2.3.4, 5.6.7.8", ("net:?",)),
    ],
)  # fmt: skip
def test_an_address_counts_with_its_network(address: str, found: tuple[str, ...]) -> None:
    assert visitors.networks(address) == found


def test_a_crawler_is_who_comes_from_where_it_comes_from() -> None:
    agent = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    assert [visitors.crawler_of(agent, one)[1] for one in ("66.249.66.1", "198.51.100.9", "nonsense")] == [  # type: ignore[index]
        "verified", "pretender", "pretender",
    ]  # fmt: skip
    assert visitors.crawler_of("Mozilla/5.0 (compatible; Baiduspider/2.0)", "198.51.100.9")[1] == "declared"  # type: ignore[index]
    assert visitors.crawler_of(FIREFOX["user-agent"], "66.249.66.1") is None


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [
        (FIREFOX, 0, 0),
        ({"user-agent": "curl/8.5.0", "accept": "*/*"}, 1, visitors.SUSPECT - 1),
        ({"user-agent": FIREFOX["user-agent"]}, 1, visitors.SUSPECT - 1),
        ({}, visitors.SUSPECT, visitors.BOT - 1),
    ],
)
def test_a_header_alone_makes_nobody_a_bot(headers: dict[str, str], least: int, most: int) -> None:
    assert least <= visitors.Watch().score("k", headers, None, now=0) <= most


def test_who_comes_like_a_clock_is_no_reader() -> None:
    watch = visitors.Watch()
    for n in range(20):
        watch.arrives("clock", now=n * 0.5)
    pauses = random.Random(7)  # noqa: S311 - the pauses of a reader, the same each time
    now = 0.0
    for _ in range(20):
        now += pauses.expovariate(0.5)
        watch.arrives("reader", now=now)
    assert watch.score("clock", FIREFOX, None, now=10) == 25
    assert watch.score("reader", FIREFOX, None, now=now) == 0


def test_who_asks_for_what_is_not_there_guesses() -> None:
    watch = visitors.Watch()
    for n in range(20):
        watch.leaves("guess", missed=True)
        watch.leaves("reader", missed=n % 8 == 0)
    assert watch.score("guess", FIREFOX, None, now=0) == 25
    assert watch.score("reader", FIREFOX, None, now=0) == 0


def test_a_trap_is_remembered_for_an_hour_and_everything_together_is_a_bot() -> None:
    watch = visitors.Watch()
    watch.trap("k", now=0)
    assert watch.score("k", FIREFOX, None, now=10) >= visitors.SUSPECT
    assert watch.score("k", FIREFOX, None, now=3601) == 0
    watch.trap("k", now=0)
    assert watch.score("k", {"user-agent": "python-requests/2"}, "pretender", now=10) == 100
    assert watch.score("k", FIREFOX, "verified", now=10) >= visitors.SUSPECT


def test_memory_is_bounded() -> None:
    watch = visitors.Watch(most=50)
    for n in range(5_000):
        watch.arrives(f"k{n}", now=n)
        watch.leaves(f"k{n}", missed=True)
        watch.trap(f"k{n}", now=n)
    assert len(watch) == 50
