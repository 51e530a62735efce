"""The local cluster and the image: whole, closed, and made of what the code knows."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest
import typer.main
import yaml

from daji.faces import listening
from daji.faces.cli import app
from daji.faces.face import Face
from daji.faces.http.settings import LimitSettings
from daji.installation import HouseSettings
from daji.kit.carriage import CarriageSettings
from daji.kit.db import DatabaseSettings

DEPLOY = Path(__file__).parents[2] / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name for name, one in SERVICES.items() if "DAJI_IMAGE" in one["image"]}
CONTAINERFILE = (DEPLOY / "Containerfile").read_text()
# Read by code that is not one of the settings blocks.
ELSEWHERE = {"DAJI_SANDBOX_HOST"}


def known_settings() -> set[str]:
    blocks = (
        (HouseSettings, "DAJI_"),
        (DatabaseSettings, "DAJI_DATABASE_"),
        (listening.Pace, "DAJI_SERVE_"),
        (LimitSettings, "DAJI_LIMIT_"),
        (CarriageSettings, "DAJI_NATS_"),
    )
    return ELSEWHERE | {
        prefix + field.name.upper() for block, prefix in blocks for field in msgspec.structs.fields(block)
    }


def test_every_part_of_a_cluster_is_there() -> None:
    assert set(SERVICES) >= {
        *(face.value for face in Face if face is not Face.ALL),
        *("worker", "migrate", "sandbox", "front", "postgres", "replica", "pgbouncer", "valkey", "nats"),
    }
    for name in ("store", "worker"):
        assert SERVICES[name]["deploy"]["replicas"] == 2


def test_commands_are_commands_of_ours() -> None:
    known = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    for name in OURS - {"sandbox"}:
        words = SERVICES[name]["command"]
        assert words[0] in known, name
        if words[0] == "serve":
            assert words[1] in {face.value for face in Face}


def test_settings_are_settings_of_ours() -> None:
    for name in OURS:
        told = set(SERVICES[name].get("environment", {}))
        assert told <= known_settings(), (name, told - known_settings())


def test_ours_run_closed() -> None:
    for name in OURS:
        one = SERVICES[name]
        assert one["read_only"] is True, name
        assert one["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in one["security_opt"], name
        assert not one.get("ports"), name
    published = [port for one in SERVICES.values() for port in one.get("ports", ())]
    assert published == [f"127.0.0.1:{port}:{port}" for port in (8000, 9090, 3000)]
    assert COMPOSE["networks"]["inside"]["internal"] is True


def test_what_is_named_exists() -> None:
    for name, one in SERVICES.items():
        for needed in one.get("depends_on", {}):
            assert needed in SERVICES, name
        for volume in one.get("volumes", ()):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (DEPLOY / source).exists(), source
            else:
                assert source in COMPOSE["volumes"], source
        networks = one.get("networks", ())
        assert set(networks) <= set(COMPOSE["networks"]), name


def test_leaving_takes_less_than_the_grace() -> None:
    pace = listening.Pace()
    for face in ("store", "console", "station", "live"):
        grace = int(SERVICES[face]["stop_grace_period"].rstrip("s"))
        assert grace > pace.drain + pace.leave


def test_the_pooler_lends_for_a_transaction() -> None:
    read = configparser.ConfigParser(interpolation=None, delimiters=("=",))
    read.read(DEPLOY / "compose" / "pgbouncer.ini")
    assert read["pgbouncer"]["pool_mode"] == "transaction"
    urls = SERVICES["store"]["environment"]
    for variable in ("DAJI_DATABASE_URL", "DAJI_DATABASE_REPLICA_URL"):
        assert urls[variable].rsplit("/", 1)[1] in read["databases"]
        assert "@pgbouncer:6432/" in urls[variable]
    assert "@postgres:5432/" in urls["DAJI_DATABASE_DIRECT_URL"]


def test_the_front_knows_every_face() -> None:
    caddy = (DEPLOY / "compose" / "Caddyfile").read_text()
    sent = set(re.findall(r"import to (\w+)", caddy))
    assert sent == {"store", "console", "station", "live"}
    hosts = set(re.findall(r"^http://([\w.]+):8000 \{", caddy, re.MULTILINE))
    assert hosts == set(SERVICES["front"]["networks"]["inside"]["aliases"])


def test_the_front_s_file_is_read_by_the_front() -> None:
    caddy = shutil.which("caddy")
    if caddy is None:
        pytest.skip("no caddy on PATH to read its file")
    file = str(DEPLOY / "compose" / "Caddyfile")
    subprocess.run([caddy, "validate", "--adapter", "caddyfile", "--config", file], check=True, timeout=30)


def test_compose_reads_the_file() -> None:
    docker = shutil.which("docker")
    if (
        docker is None
        or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode
    ):
        pytest.skip("no docker compose to read the file")
    file = str(DEPLOY / "compose.yaml")
    subprocess.run([docker, "compose", "-f", file, "config", "--quiet"], check=True, timeout=30)


@pytest.mark.parametrize("script", ["primary.sh", "replica.sh"])
def test_scripts_are_read_by_the_shell(script: str) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no bash")
    subprocess.run([bash, "-n", str(DEPLOY / "compose" / script)], check=True)


def stages() -> list[str]:
    return re.split(r"(?m)^FROM ", CONTAINERFILE)[1:]


def test_the_last_stage_has_no_node_no_root_and_no_pip() -> None:
    assert len(stages()) == 3
    last = stages()[-1]
    assert "node" not in last.lower()
    assert re.search(r"(?m)^USER 10001:10001$", last)
    assert "HEALTHCHECK" in last
    assert "/health/live" in last
    assert "--from=web" not in last
    assert "pip uninstall" in stages()[1]
    assert "--require-hashes" in stages()[1]


def test_what_the_image_is_made_of_is_let_through() -> None:
    root = DEPLOY.parent
    ignore = (DEPLOY / "Containerfile.dockerignore").read_text().splitlines()
    let_in = [line[1:] for line in ignore if line.startswith("!")]
    copied = [
        word
        for line in re.findall(r"(?m)^COPY (.+)$", CONTAINERFILE)
        if "--from" not in line
        for word in line.split()[:-1]
    ]
    for word in copied:
        assert (root / word).exists(), word
        assert any(word == each or word.startswith(f"{each}/") for each in let_in), word


def test_the_image_s_settings_are_settings_of_ours() -> None:
    assert set(re.findall(r"\b(DAJI_[A-Z_]+)=", CONTAINERFILE)) <= known_settings()
