"""Sealed files, plans and vaults: what was changed, cut off or left out is noticed."""

from __future__ import annotations

import io
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daji.kit.backup import plan, seal, take, wal
from daji.kit.backup.vault import Vault

KEY = bytes(range(32))


def sealed(content: bytes, key: bytes = KEY) -> bytes:
    out = io.BytesIO()
    seal.seal(key, io.BytesIO(content), out)
    return out.getvalue()


def unsealed(content: bytes, key: bytes = KEY) -> bytes:
    out = io.BytesIO()
    seal.unseal(key, io.BytesIO(content), out)
    return out.getvalue()


@given(st.binary(max_size=5000))
def test_what_was_sealed_comes_back(content: bytes):
    assert unsealed(sealed(content)) == content


def test_a_large_file_comes_back_in_chunks():
    content = os.urandom(3 * seal.CHUNK + 17)
    assert unsealed(sealed(content)) == content


@pytest.mark.parametrize("place", [0, 8, 20, -1])
def test_a_changed_byte_is_noticed(place: int):
    content = bytearray(sealed(b"the books"))
    content[place] ^= 1
    with pytest.raises(seal.Damaged):
        unsealed(bytes(content))


def test_chunks_that_are_cut_off_or_moved_are_noticed():
    content = sealed(os.urandom(3 * seal.CHUNK))
    head, size = len(seal.MAGIC) + 7, seal.CHUNK + 16
    chunks = [content[head + n * size : head + (n + 1) * size] for n in range(3)]
    with pytest.raises(seal.Damaged):
        unsealed(content[: head + 2 * size])
    with pytest.raises(seal.Damaged):
        unsealed(content[:head] + chunks[1] + chunks[0] + chunks[2])
    with pytest.raises(seal.Damaged):
        unsealed(b"")


def test_another_key_opens_nothing():
    with pytest.raises(seal.Damaged):
        unsealed(sealed(b"the books"), bytes(32))


def test_a_key_is_made_once_and_for_its_owner(tmp_path: Path):
    path = tmp_path / "backup.key"
    assert seal.make_key(path) == seal.read_key(path)
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(FileExistsError):
        seal.make_key(path)
    path.write_text("abc")
    with pytest.raises(seal.NoKey):
        seal.read_key(path)


def write_plan(home: Path, text: str) -> plan.Plan | None:
    (home / plan.FILE).write_text(text)
    return plan.find(home)


class TestPlan:
    def test_there_need_not_be_one(self, tmp_path: Path):
        assert plan.find(tmp_path) is None

    def test_one_copy_on_the_same_disk_is_not_enough(self, tmp_path: Path):
        found = write_plan(tmp_path, '[[targets]]\nname = "a"\nfolder = "copies"\nmedium = "disk"\n')
        assert found is not None
        assert found.targets[0].folder == tmp_path / "copies"
        assert plan.shortfalls(found) == ("copies", "media", "offsite")

    def test_three_copies_on_two_media_one_elsewhere(self, tmp_path: Path):
        found = write_plan(
            tmp_path,
            '[[targets]]\nname = "a"\nfolder = "/a"\nmedium = "disk"\n'
            '[[targets]]\nname = "b"\nfolder = "/b"\nmedium = "nas"\noffsite = true\n',
        )
        assert found is not None
        assert plan.shortfalls(found) == ()

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "targets = []",
            "[[targets]]\nname = 'a'",
            "[[targets]]\nname = 'A B'\nfolder = '/a'\nmedium = 'x'",
            "keep_day = 3\n[[targets]]\nname = 'a'\nfolder = '/a'\nmedium = 'x'",
            "[[targets]]\nname = 'a'\nfolder = '/a'\nmedium = 'x'\n[[targets]]\nname = 'a'\nfolder = '/b'\nmedium = 'y'",
            "not toml",
        ],
    )
    def test_a_plan_that_cannot_be_kept_is_refused(self, tmp_path: Path, text: str):
        with pytest.raises(plan.BadPlan):
            write_plan(tmp_path, text)


class TestVault:
    def test_holds_whole_files_by_name(self, tmp_path: Path):
        (tmp_path / "file").write_bytes(b"x")
        vault = Vault(tmp_path / "vault")
        vault.put("base/a/database", tmp_path / "file")
        assert vault.names("base") == ("base/a/database",)
        assert vault.path("base/a/database").read_bytes() == b"x"
        with pytest.raises(KeyError):
            vault.path("base/b/database")
        vault.remove("base/a/database")
        assert vault.names("base") == ()

    def test_thins_out_what_is_past_its_days_but_never_the_newest(self, tmp_path: Path):
        (tmp_path / "file").write_bytes(b"x")
        vault = Vault(tmp_path / "vault")
        now = datetime(2026, 3, 30, tzinfo=UTC)
        for days, piece in ((40, 1), (30, 5), (20, 9)):
            stamp = (now - timedelta(days=days)).strftime("%Y-%m-%dT%H-%M-%SZ")
            for part in ("database", "files"):
                vault.put(f"base/{stamp}_{piece:024X}/{part}", tmp_path / "file")
        for piece in range(12):
            vault.put(f"{wal.FOLDER}/{piece:024X}", tmp_path / "file")
        vault.put(f"{wal.FOLDER}/00000002.history", tmp_path / "file")
        target = plan.Target(name="a", folder=tmp_path / "vault", medium="x")
        take.thin_out(plan.Plan(targets=(target,), keep_days=14), now=now)
        assert [take.first_piece(name) for name in take.copies(vault)] == [f"{9:024X}"]
        assert [name[-2:] for name in vault.names(wal.FOLDER)] == ["09", "0A", "0B", "ry"]
