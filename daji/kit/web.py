"""Litestar as the house uses it."""

from __future__ import annotations

from litestar import Litestar
from litestar.plugins import PluginProtocol
from litestar.plugins.core import MsgspecDIPlugin


class Application(Litestar):
    """Without the plugins that Litestar adds by itself for every library it finds.

    The house's models are msgspec's alone, and Pydantic, which the queue of jobs brings along, would take 7 MB of every
    process that answers.
    """

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        return [*plugins, MsgspecDIPlugin()]
