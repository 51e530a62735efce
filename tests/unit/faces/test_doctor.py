"""The doctor names optional services: absent is fine, set and away is not."""

from __future__ import annotations

from daji.faces.cli import doctor
from daji.kit.carriage import CarriageSettings
from tests.makers.lines import free_port


async def test_no_stream_is_fine_and_a_stream_that_is_away_is_named() -> None:
    absent = await doctor._stream(CarriageSettings())
    assert (absent.ok, "not set" in absent.found) == (True, True)
    away = await doctor._stream(CarriageSettings(url=f"nats://127.0.0.1:{free_port()}"))
    assert not away.ok
    assert "orders go on" in away.fix


async def test_a_replica_that_is_away_is_named() -> None:
    away = await doctor._replica(f"postgresql://daji@127.0.0.1:{free_port()}/daji")
    assert not away.ok
    assert "orders go on" in away.fix
