"""Write `daji/kit/divisions.tsv` from the published lists of China's administrative divisions.

    python tools/divisions.py FOLDER

FOLDER holds provinces.csv, cities.csv, areas.csv and HK-MO-TW.json of modood/Administrative-divisions-of-China
(WTFPL) and adcode_coordinates.csv of cpca (MIT). A row is `code name longitude latitude`: two digits for a province,
four for a city, six for a district. What the statistics call "directly under the province" becomes a city of its own,
since that is what people write; the halves of a municipality become the one city they are.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

TARGET = Path(__file__).parents[1] / "daji/kit/divisions.tsv"
MUNICIPALITIES = {"11", "12", "31", "50"}
# GB/T 2260 gives these no districts of their own.
SPECIAL = {"台湾省": "71", "香港特别行政区": "81", "澳门特别行政区": "82"}
# Centres that the list of coordinates lacks (it has none beyond the mainland).
CENTRES = {"71": (121.5, 25.05), "81": (114.17, 22.28), "82": (113.54, 22.19)}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def main(folder: Path) -> None:
    found: dict[str, str] = {row["code"]: row["name"] for row in rows(folder / "provinces.csv")}
    cities = {row["code"]: row["name"] for row in rows(folder / "cities.csv")}
    areas = rows(folder / "areas.csv")
    centre = {
        row["adcode"]: (float(row["longitude"]), float(row["latitude"]))
        for row in rows(folder / "adcode_coordinates.csv")
        if row["longitude"]
    }
    for code in MUNICIPALITIES:
        found[f"{code}01"] = found[code]
    found |= {
        code: name for code, name in cities.items() if code[:2] not in MUNICIPALITIES and not direct(name)
    }
    for area in areas:
        code, name = area["code"], area["name"]
        if area["provinceCode"] in MUNICIPALITIES:
            # 5002 are the counties of Chongqing: the same city to everybody who lives there.
            found[code] = name
        elif direct(cities[area["cityCode"]]) or (name != cities[area["cityCode"]] and name != "市辖区"):
            found[code] = name
    for name, places in json.loads((folder / "HK-MO-TW.json").read_text(encoding="utf-8")).items():
        province = SPECIAL[name]
        found[province] = name
        for n, (city, districts) in enumerate(places.items(), 1):
            found[f"{province}{n:02d}"] = city
            found |= {
                f"{province}{n:02d}{k:02d}": district.partition("（")[0]
                for k, district in enumerate(districts, 1)
            }
    lines = []
    for code in sorted(found):
        place = centre.get(code.ljust(12, "0")) or CENTRES.get(code)
        lines.append("\t".join((code, found[code], *(f"{part:.4f}" for part in place or ()))))
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines)} divisions")


def direct(name: str) -> bool:
    """Whether a "city" is only the drawer in which the statistics keep what has none."""
    return "直辖" in name


if __name__ == "__main__":
    main(Path(sys.argv[1]))
