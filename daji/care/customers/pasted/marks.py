"""What can be recognised by its own shape, wherever it stands: telephone numbers, postcodes, labels."""

from __future__ import annotations

import re
import unicodedata

import msgspec
import phonenumbers

from daji.care.customers.pasted import lexicon
from daji.care.customers.pasted.facts import MAX_TEXT, WRITTEN
from daji.care.customers.pasted.lexicon import BREAK, MARK

_MOBILE = re.compile(
    r"(?<!\d)(?:\(?(?:\+|00)?86\)?[-\s]*)?(1[3-9](?:[-\s.]?\d){9})(?:\s*(?:转|分机|ext\.?|-)\s*(\d{3,4}))?(?!\d)",
    re.IGNORECASE,
)
# A number that is glued to a room: 301 13800138000 without the space.
_GLUED_MOBILE = re.compile(r"(1[3-9]\d{9})(?!\d)")
_LANDLINE = re.compile(
    r"(?<![\d-])(?:\(?(?:\+|00)?86\)?[-\s]*)?\(?(0\d{2,3})\)?[-\s]?(\d{7,8})(?:\s*(?:转|分机|ext\.?|-)\s*(\d{1,6}))?(?!\d)"
)
_LANDLINE_ABROAD = re.compile(r"(?:\+|00)86[-\s]*(\d{2,3})[-\s]?(\d{4}[-\s]?\d{3,4})(?!\d)")
_SERVICE = re.compile(
    r"(?<!\d)([48]00)[-\s]?(\d{3})[-\s]?(\d{4})(?!\d)|(?<!\d)([48]00)-(\d{4})-(\d{3})(?!\d)"
)
_ABROAD = re.compile(r"\+\(?\d[\d ().-]{6,20}\d")
_MASKED = re.compile(r"(?<!\d)1[3-9]\d\*{3,5}\d{4}(?!\d)")
_POSTCODE = re.compile(
    rf"(?:(?<=^)|(?<=[\s,;。、|\n(\[{BREAK}{MARK}NPAZ]))([0-8]\d{{5}})(?=$|[\s,;。、|\n)\]{BREAK}{MARK}])(?!\s*(?:号|室|栋|幢|楼|弄|单元))"
)
_SAME = str.maketrans("—–﹣‐〇•", "----0·")
_LABELLED_POSTCODE = re.compile(rf"{MARK}Z\s*([0-9A-Za-z][0-9A-Za-z -]{{2,9}}?)(?=$|[\s,;{BREAK}{MARK}])")


class Marked(msgspec.Struct, kw_only=True):
    """A text from which numbers and labels are being taken out."""

    text: str
    phone: str = ""
    postcode: str = ""
    sure: dict[str, float] = {}


def clean(text: str) -> str:
    """One way of writing what has many: full width, emoji, control characters, several spaces."""
    plain = unicodedata.normalize("NFKC", text[:MAX_TEXT].replace("\0", ""))
    kept = []
    for char in plain:
        kind = unicodedata.category(char)
        if char in "\n\t\r":
            kept.append("\n" if char != "\t" else " ")
        elif kind in {"Cf", "Mn", "Me"}:
            continue
        else:
            kept.append(" " if kind in {"So", "Sk", "Cs", "Cc", "Co", "Cn", "Zs", "Zl", "Zp"} else char)
    plain = "".join(kept).translate(_SAME)
    return re.sub(r" *\n[\n ]*", "\n", re.sub(r" {2,}", " ", plain)).strip()


def mark(text: str) -> Marked:
    """Take out telephone numbers and postcodes, and put marks in place of labels."""
    marked = Marked(text=lexicon.NOISE.sub(" ", text), sure={})
    _take_phone(marked)
    for pattern in (lexicon.LABEL_WITH_COLON, lexicon.LABEL_AT_START):
        marked.text = pattern.sub(lambda found: f"{MARK}{found.lastgroup}", marked.text)
    labelled = _LABELLED_POSTCODE.search(marked.text)
    found = labelled or _POSTCODE.search(marked.text)
    if found:
        marked.postcode, marked.sure["postcode"] = found[1].strip(), WRITTEN
        marked.text = marked.text[: found.start()] + BREAK + marked.text[found.end() :]
    return marked


def _take_phone(marked: Marked) -> None:
    for pattern, write, sure in (
        (_MOBILE, _mobile, WRITTEN),
        (_SERVICE, _service, WRITTEN),
        (_LANDLINE, _landline, WRITTEN),
        (_LANDLINE_ABROAD, _landline, WRITTEN),
        (_GLUED_MOBILE, _mobile, 0.9),
    ):
        found = pattern.search(marked.text)
        if found:
            marked.phone, marked.sure["phone"] = write(found), sure
            _cut(marked, found)
            # A second number is one too many for a label, and no part of the address.
            if second := _MOBILE.search(marked.text) or _LANDLINE.search(marked.text):
                _cut(marked, second)
            return
    if hidden := _MASKED.search(marked.text):
        _cut(marked, hidden)
    for found in _ABROAD.finditer(marked.text):
        number = abroad(found[0])
        if number:
            marked.phone, marked.sure["phone"] = number, WRITTEN
            _cut(marked, found)
            return


def _cut(marked: Marked, found: re.Match[str]) -> None:
    start, end = found.span()
    if marked.text[start - 1 : start] == "(" and marked.text[end : end + 1] == ")":
        start, end = start - 1, end + 1
    marked.text = marked.text[:start] + BREAK + marked.text[end:]


def _mobile(found: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", found[1])
    inner = found[2] if found.re.groups > 1 else None
    return f"{digits}-{inner}" if inner else digits


def _landline(found: re.Match[str]) -> str:
    area, number = found[1], re.sub(r"\D", "", found[2])
    inner = found[3] if found.re.groups > 2 else None  # noqa: PLR2004 - area, number, extension
    return f"{area if area.startswith('0') else f'0{area}'}-{number}" + (f"-{inner}" if inner else "")


def _service(found: re.Match[str]) -> str:
    return "-".join(part for part in found.groups() if part)


def abroad(text: str) -> str:
    """An international number as it is written between countries; empty when it cannot be one."""
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def region_of(phone: str) -> str:
    """ISO country of an international number; empty when it tells none."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(phone, None)) or ""
    except phonenumbers.NumberParseException:
        return ""
