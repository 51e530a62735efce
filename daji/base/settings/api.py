"""The door of the room."""

from __future__ import annotations

from daji.base.settings.commands.change import change
from daji.base.settings.facts import Setting, SettingNow, SettingValue
from daji.base.settings.queries import get_setting, list_settings, values

__all__ = ["Setting", "SettingNow", "SettingValue", "change", "get_setting", "list_settings", "values"]
