"""Run the gateway: `python -m daji.adapters.payment.sandbox`."""

from __future__ import annotations

import os

from granian import Granian
from granian.constants import Interfaces

from daji.adapters.payment.sandbox.service.app import port_from_env


def serve() -> None:
    """Serve on DAJI_SANDBOX_PORT, of this machine only unless DAJI_SANDBOX_HOST says otherwise, until interrupted."""
    Granian(
        "daji.adapters.payment.sandbox.service.app:app_from_env",
        address=os.environ.get("DAJI_SANDBOX_HOST", "127.0.0.1"),
        port=port_from_env(),
        interface=Interfaces.ASGI,
        factory=True,
        workers=1,
    ).serve()


if __name__ == "__main__":
    serve()
