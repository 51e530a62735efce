"""Shapes that several resources of the store API share. Amounts are minor units of the `currency` beside them."""

from __future__ import annotations

from typing import Annotated

import msgspec

from daji.kit.places import Address

Texts = Annotated[dict[str, str], msgspec.Meta(examples=[{"zh": "保温杯", "en": "Flask"}])]
Amount = Annotated[int, msgspec.Meta(description="Minor units of `currency`", examples=[11900])]
Currency = Annotated[str, msgspec.Meta(description="ISO 4217", examples=["CNY"])]
SkuId = Annotated[str, msgspec.Meta(max_length=64, examples=["sku_01jd0v9k2m8e6t4r7w3y5z1a2b"])]
Quantity = Annotated[int, msgspec.Meta(ge=0, le=999, examples=[2])]
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=255, examples=["5f2c9a7e-checkout-1"])]
Name = Annotated[str, msgspec.Meta(max_length=80, examples=["林小满"])]
Phone = Annotated[str, msgspec.Meta(max_length=32, examples=["+8613800138000"])]
Email = Annotated[str, msgspec.Meta(max_length=254, examples=["lin@example.com"])]


class AddressBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place goods can be sent to; `country` is ISO 3166-1 alpha-2. Coordinates are never taken from outside."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=80, examples=["林小满"])]
    phone: Annotated[str, msgspec.Meta(min_length=1, max_length=32, examples=["+8613800138000"])]
    country: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$", examples=["CN"])]
    region: Annotated[str, msgspec.Meta(max_length=80, examples=["浙江省"])] = ""
    city: Annotated[str, msgspec.Meta(min_length=1, max_length=80, examples=["杭州市"])]
    district: Annotated[str, msgspec.Meta(max_length=80, examples=["西湖区"])] = ""
    line: Annotated[str, msgspec.Meta(min_length=1, max_length=200, examples=["文三路 100 号 3 幢 501"])]
    postcode: Annotated[str, msgspec.Meta(max_length=16, examples=["310012"])] = ""

    def to_address(self) -> Address:
        return Address(
            name=self.name,
            phone=self.phone,
            country=self.country,
            region=self.region,
            city=self.city,
            district=self.district,
            line=self.line,
            postcode=self.postcode,
        )


class AddressWire(msgspec.Struct, frozen=True, kw_only=True):
    """An address as it is shown back."""

    name: Name
    phone: Phone
    country: Annotated[str, msgspec.Meta(examples=["CN"])]
    region: str
    city: str
    district: str
    line: str
    postcode: str

    @classmethod
    def of(cls, address: Address) -> AddressWire:
        return cls(
            name=address.name,
            phone=address.phone,
            country=address.country,
            region=address.region,
            city=address.city,
            district=address.district,
            line=address.line,
            postcode=address.postcode,
        )


class ContactBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to tell about the order."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=80, examples=["林小满"])]
    phone: Phone = ""
    email: Email = ""


class ContactWire(msgspec.Struct, frozen=True, kw_only=True):
    name: Name
    phone: Phone
    email: Email
