"""How a page shows itself: what was chosen, the hour, the network (A6)."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from daji.faces.store import display


def decide(hour: int = 12, wish: display.Wish | None = None, **seen: object) -> display.Display:
    return display.decide(wish or display.Wish(), display.Signals(hour=hour, **seen))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("hour", "theme"),
    [(20, None), (21, "dark"), (23, "dark"), (0, "dark"), (5, "dark"), (6, None), (12, None)],
)
def test_it_is_dark_at_night_and_the_page_can_say_why(hour: int, theme: str | None) -> None:
    found = decide(hour)
    assert (found.theme, found.because) == (theme, ("night",) if theme else ())


def test_what_was_chosen_beats_every_rule() -> None:
    found = decide(23, display.Wish(theme="light", saver="off", text="large"), saving=True, network="2g")
    assert (found.theme, found.saver, found.large, found.because) == ("light", False, True, ())
    assert decide(23, display.Wish(theme="system")).theme is None


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        ({"saving": True}, ("saving",)), ({"network": "2g"}, ("slow",)), ({"network": "slow-2g"}, ("slow",)),
        ({"saving": True, "network": "2g"}, ("slow", "saving")), ({"network": "4g"}, ()), ({}, ()),
    ],
)  # fmt: skip
def test_data_are_saved_where_they_are_scarce(seen: dict[str, object], why: tuple[str, ...]) -> None:
    found = decide(**seen)  # type: ignore[arg-type]
    assert (found.saver, found.because) == (bool(why), why)


def test_the_hour_is_the_shops_and_the_rest_is_what_the_browser_says() -> None:
    now = datetime(2026, 3, 3, 16, 30, tzinfo=UTC)
    read = display.Signals.read({"save-data": "On", "ect": "3g"}, now)
    assert (read.hour, read.saving, read.network) == (0, True, "3g")
    assert display.Signals.read({}, now) == display.Signals(hour=0)


@pytest.mark.parametrize(
    "cookie", [None, "", "theme-puce.text-.x-1", "theme", "." * 500, "theme-dark\x00", "-dark", "theme=dark"]
)
def test_a_cookie_is_what_anybody_may_write(cookie: str | None) -> None:
    assert display.read(cookie) == display.Wish()


@pytest.mark.parametrize("theme", ["auto", "system", "light", "dark"])
def test_a_choice_is_kept_as_it_was_made(theme: display.Theme) -> None:
    wish = display.Wish(theme=theme, text="large", saver="on")
    line = display.write(wish, secure=True)
    assert display.read(line.partition("=")[2].partition(";")[0]) == wish
    assert line.endswith("; Secure")


def test_rules_are_checked_as_they_are_read() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"code": "x", "when": {"moon": "full"}}, display.Rule)
