"""What a setting may be."""

from __future__ import annotations

from daji.base.settings.facts import Setting, SettingValue
from daji.kit.problems import FieldProblem, Invalid


def check(setting: Setting, value: object) -> SettingValue:
    """Hold a value against its declaration. Raises Invalid at `/value`."""
    if setting.kind == "choice":
        if not isinstance(value, str) or value not in setting.choices:
            raise _invalid("unknown_value")
        return value
    if setting.kind == "texts":
        return _texts(setting, value)
    # A bool is an int to Python, and no number to anybody else.
    if not isinstance(value, int) or isinstance(value, bool):
        raise _invalid("wrong_type")
    if setting.minimum is not None and value < setting.minimum:
        raise _invalid("too_small", minimum=setting.minimum)
    if setting.maximum is not None and value > setting.maximum:
        raise _invalid("too_large", maximum=setting.maximum)
    return value


def usable(setting: Setting, value: object) -> SettingValue:
    """The stored value, or the default when it no longer fits."""
    try:
        return check(setting, value)
    except Invalid:
        return setting.default


def _texts(setting: Setting, value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(one, str) for pair in value.items() for one in pair):
        raise _invalid("wrong_type")
    kept = {lang: text.strip() for lang, text in value.items() if text.strip()}
    if not kept.keys() <= set(setting.choices):
        raise _invalid("unknown_value")
    if setting.maximum is not None and any(len(text) > setting.maximum for text in kept.values()):
        raise _invalid("too_long", maximum=setting.maximum)
    if not all(text.isprintable() for text in kept.values()):
        raise _invalid("one_line")
    return kept


def _invalid(code: str, **params: object) -> Invalid:
    return Invalid(fields=(FieldProblem(pointer="/value", code=code, params=params),))
