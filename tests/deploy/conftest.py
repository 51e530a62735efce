"""The real application, as the tests of the faces have it."""

from __future__ import annotations

from tests.faces.conftest import gateway_keys, shop

__all__ = ["gateway_keys", "shop"]
