"""Addresses outside China: lines rather than divisions, the postcode tells where the city stands."""

from __future__ import annotations

import re

from daji.care.customers.pasted import marks
from daji.care.customers.pasted.facts import GUESSED, SHORT, WRITTEN, Pasted
from daji.care.customers.pasted.lexicon import BREAK, MARK

COUNTRIES = {
    "US": "united states of america|united states|u\\.s\\.a\\.?|usa|美国", "CA": "canada|加拿大", "GB": "united kingdom|great britain|england|scotland|wales|u\\.k\\.|uk|英国",
    "DE": "germany|deutschland|德国", "FR": "france|法国", "AU": "australia|澳大利亚|澳洲", "JP": "japan|日本", "KR": "south korea|republic of korea|korea|韩国",
    "SG": "singapore|新加坡", "MY": "malaysia|马来西亚", "BR": "brazil|brasil|巴西", "HK": "hong kong(?: sar)?", "MO": "macau|macao", "TW": "taiwan",
}  # fmt: skip
_NAMES = {
    code: re.compile(rf"(?<![A-Za-z])(?:{words})(?![A-Za-z])", re.IGNORECASE)
    for code, words in COUNTRIES.items()
}
_HAN = re.compile(r"[\u4e00-\u9fff]")

# Postcodes as each post writes them (Universal Postal Union, addressing systems).
_POSTCODES = (
    ("US", re.compile(r"(?P<before>[^,\n]*?)[ ,]*\b(?P<region>[A-Z]{2})[ ,]+(?P<post>\d{5}(?:-\d{4})?)\b")),
    ("CA", re.compile(r"(?P<before>[^,\n]*?)[ ,]*\b(?P<region>[A-Z]{2})[ ,]+(?P<post>[A-Z]\d[A-Z] ?\d[A-Z]\d)\b")),
    ("AU", re.compile(r"(?P<before>[^,\n]*?)[ ,]*\b(?P<region>NSW|VIC|QLD|WA|SA|TAS|ACT|NT)[ ,]+(?P<post>\d{4})\b")),
    ("GB", re.compile(r"(?P<before>[^,\n]*?)[ ,]*\b(?P<region>)(?P<post>[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})\b")),
    ("BR", re.compile(r"(?P<before>[^,\n]*?)[ ,]*(?:- ?(?P<region>[A-Z]{2}),? )?\b(?P<post>\d{5}-\d{3})\b")),
    ("JP", re.compile(r"(?P<region>)(?:〒 ?)?\b(?P<post>\d{3}-\d{4})\b(?P<before>)")),
    ("SG", re.compile(r"(?P<region>)(?P<before>)(?:singapore )?\b(?P<post>\d{6})\b", re.IGNORECASE)),
    ("", re.compile(r"\b(?P<region>)(?P<post>\d{5})[ ]+(?P<before>[^\d,\n]+)")),
    ("", re.compile(r"(?P<before>[^,\n\d]*?)[ ,]*(?P<region>)\b(?P<post>\d{5})\b")),
)  # fmt: skip
_JAPANESE = re.compile(r"(?P<region>東京都|东京都|北海道|京都府|大阪府|.{2,3}県)(?P<city>.+?[市区郡])")
_NAME_LINE = re.compile(r"[^\d,]{2,40}")
_MAX_NAME_WORDS = 4


def is_abroad(marked: marks.Marked, plain: str) -> bool:
    """Whether the text is written for another country's post."""
    if not _HAN.search(plain):
        return bool(re.search(r"[A-Za-z]{2}", marked.text))
    named = next(
        (
            code
            for code, name in _NAMES.items()
            if name.match(re.sub(rf"^[{BREAK}{MARK}NPAZ \n]*", "", marked.text))
        ),
        None,
    )
    return (
        named is not None
        or "〒" in plain
        or (
            marked.phone.startswith("+") and marks.region_of(marked.phone) not in {"CN", "HK", "MO", "TW", ""}
        )
    )


def read(marked: marks.Marked) -> Pasted:
    """Read lines of an address abroad; what is not sure stays in the line."""
    text = re.sub(r"[ ]+", " ", marked.text)
    labelled = re.search(rf"{MARK}N\s*([^{MARK}{BREAK}\n,]+)", text)
    name = labelled[1].strip() if labelled else ""
    if labelled:
        text = text[: labelled.start()] + "\n" + text[labelled.end() :]
    text = re.sub(rf"{MARK}[NPAZ]|{BREAK}", "\n", text).strip(" ,\n")
    country, text = _country(text, marked.phone)
    parts = {"phone": marked.phone, "postcode": marked.postcode, "region": "", "city": ""}
    if not parts["postcode"] or country != "CN":
        country, text = _post(text, country, parts)
    sections = [part for part in (one.strip(" ,.;") for one in re.split(r"[\n]|,(?=\s|\S)", text)) if part]
    if not name and sections and _is_name(sections[0]):
        name = sections.pop(0)
    if country == "JP" and (found := _JAPANESE.match(" ".join(sections))):
        parts |= {"region": found["region"], "city": found["city"]}
        sections = [" ".join(sections)[found.end() :].strip()]
    if not parts["city"] and len(sections) > 1 and not any(char.isdigit() for char in sections[-1]):
        parts["city"] = sections.pop()
    if country == "SG" and not parts["city"]:
        parts["city"] = "Singapore"
    parts |= {"name": name[:80], "line": ", ".join(sections)[:200], "country": country or "CN"}
    sure = {
        "name": WRITTEN if labelled else GUESSED,
        "phone": WRITTEN,
        "postcode": SHORT,
        "region": SHORT,
        "city": GUESSED + 0.1,
        "line": SHORT,
    }
    return Pasted(
        name=parts["name"],
        phone=parts["phone"],
        country=parts["country"],
        region=parts["region"][:80],
        city=parts["city"][:80],
        line=parts["line"],
        postcode=parts["postcode"],
        sure={part: value for part, value in sure.items() if parts[part]},
        missing=tuple(
            [part for part in ("name", "phone", "city", "line") if not parts[part]]
            + ([] if country else ["country"])
        ),
    )


def _country(text: str, phone: str) -> tuple[str, str]:
    """The country that the text names, else the telephone number's; the text without its name."""
    for code, name in _NAMES.items():
        found = list(name.finditer(text))
        if not found:
            continue
        last = found[-1]
        # "Singapore 123456" is city, country and postcode in one; the word is needed there.
        rest = f"{text[: last.start()]} {text[last.end() :]}"
        if code == "SG":
            rest = re.sub(r"(?i)\bsingapore\b(?!\s*\d)", "", text)
        return code, rest.strip(" ,\n.")
    return marks.region_of(phone), text


def _post(text: str, country: str, parts: dict[str, str]) -> tuple[str, str]:
    """Take out the postcode with the city and region beside it."""
    for code, pattern in _POSTCODES:
        if country and code not in {"", country}:
            continue
        if not country and code in {"SG", "JP", ""}:
            continue
        found = pattern.search(text)
        if not found:
            continue
        parts["postcode"] = parts["postcode"] or found["post"]
        parts["region"] = found["region"] or ""
        parts["city"] = (
            re.sub(r"[\d-]+", "", found["before"]).strip(" ,-")
            if not any(char.isdigit() for char in found["before"])
            else ""
        )
        kept = "" if parts["city"] else found["before"]
        return country or code, f"{text[: found.start()].rstrip(' ,')}, {kept}\n{text[found.end() :]}"
    return country, text


def _is_name(text: str) -> bool:
    return bool(_NAME_LINE.fullmatch(text)) and len(text.split()) <= _MAX_NAME_WORDS
