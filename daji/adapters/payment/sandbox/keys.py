"""The two key pairs, made at first start and kept as PEM files."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from daji.adapters.payment.sandbox.signing import Signer, Verifier

_PARTIES = ("merchant", "gateway")


class KeyFilesBroken(Exception):
    """A key file is missing or unreadable; nothing is overwritten, because payments depend on it."""


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """The shop uses `merchant` and `of_gateway`; the service uses `gateway` and `of_merchant`."""

    merchant: Signer
    of_gateway: Verifier
    gateway: Signer
    of_merchant: Verifier


def ensure_keys(folder: Path) -> Keys:
    """Load the keys below `folder`/keys, making them first if there are none.

    Any number of processes may start at once: each builds a whole folder aside and renames it into
    place, which succeeds once (rename(2) refuses a target folder that holds files); the others load
    what the first one made.
    """
    home = folder / "keys"
    if not home.is_dir():
        _make(folder, home)
    merchant, gateway = (_private(home / f"{party}_private.pem") for party in _PARTIES)
    of_merchant, of_gateway = (_public(home / f"{party}_public.pem") for party in _PARTIES)
    return Keys(
        merchant=Signer(merchant),
        of_gateway=Verifier((of_gateway,)),
        gateway=Signer(gateway),
        of_merchant=Verifier((of_merchant,)),
    )


def _make(folder: Path, home: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f"keys.{secrets.token_hex(8)}.new"
    aside.mkdir(mode=0o700)
    try:
        for party in _PARTIES:
            private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            _write(
                aside / f"{party}_private.pem",
                private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
            )
            _write(
                aside / f"{party}_public.pem",
                private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
            )
        try:
            aside.rename(home)
        except OSError:
            if not home.is_dir():
                raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _write(path: Path, pem: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(pem)


def _private(path: Path) -> rsa.RSAPrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError) as error:
        raise KeyFilesBroken(f"{path.name} cannot be read: {error}") from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise KeyFilesBroken(f"{path.name} is not an RSA key")
    return key


def _public(path: Path) -> rsa.RSAPublicKey:
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError) as error:
        raise KeyFilesBroken(f"{path.name} cannot be read: {error}") from error
    if not isinstance(key, rsa.RSAPublicKey):
        raise KeyFilesBroken(f"{path.name} is not an RSA key")
    return key
