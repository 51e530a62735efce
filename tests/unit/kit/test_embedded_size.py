"""The embedded server's buffers grow with its data, from one start to the next."""

from __future__ import annotations

from pathlib import Path

import pytest

from daji.kit.db import embedded


def data_of(folder: Path, gigabytes: float) -> Path:
    (folder / "base" / "5").mkdir(parents=True)
    (folder / "postgresql.conf").write_text("# its own\n")
    with (folder / "base" / "5" / "16384").open("wb") as file:
        file.truncate(int(gigabytes * 2**30))
    return folder


@pytest.mark.parametrize(("gigabytes", "megabytes"), [(0, 16), (2, 16), (16, 128), (400, 1024)])
def test_a_part_of_the_data_but_never_little_and_never_much(
    tmp_path: Path, gigabytes: float, megabytes: int
) -> None:
    data = data_of(tmp_path, gigabytes)
    embedded._configure(data, "fsync = off\n")
    written = (data / "daji.conf").read_text()
    assert f"shared_buffers = {megabytes}MB\n" in written
    assert written.endswith("fsync = off\n")


def test_what_is_written_twice_stands_once(tmp_path: Path) -> None:
    data = data_of(tmp_path, 1)
    for _ in range(2):
        embedded._configure(data, "")
    assert (data / "postgresql.conf").read_text().count("include 'daji.conf'") == 1
