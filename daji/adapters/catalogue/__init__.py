"""Readers of files of goods: a plain table, and the seed data of shops that people come from."""

from __future__ import annotations

from daji.adapters.catalogue.leyou import Leyou
from daji.adapters.catalogue.litemall import Litemall
from daji.adapters.catalogue.mapped import MappedTables
from daji.adapters.catalogue.newbee import Newbee
from daji.adapters.catalogue.olist import Olist
from daji.adapters.catalogue.table import Table

__all__ = ["Leyou", "Litemall", "MappedTables", "Newbee", "Olist", "Table"]
