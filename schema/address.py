"""Where an order goes, as clients see and send it."""

from typing import Any, Self

import strawberry

from services.orders.addresses import Address as PlainAddress


@strawberry.type(description="Where an order goes.")
class Address:
    name: str
    line1: str
    line2: str | None
    city: str
    postal_code: str | None
    region: str | None
    country_code: str = strawberry.field(description="ISO 3166-1 alpha-2.")

    @classmethod
    def from_stored(cls, stored: dict[str, Any]) -> Self:
        return cls(**stored)


@strawberry.input(description="Where an order shall go; each line of at most 200 characters.")
class AddressInput:
    name: str
    line1: str
    line2: strawberry.Maybe[str | None]
    city: str
    postal_code: strawberry.Maybe[str | None]
    region: strawberry.Maybe[str | None]
    country_code: str = strawberry.field(description="ISO 3166-1 alpha-2.")

    def to_address(self) -> PlainAddress:
        return PlainAddress(
            name=self.name,
            line1=self.line1,
            line2=self.line2.value if self.line2 else None,
            city=self.city,
            postal_code=self.postal_code.value if self.postal_code else None,
            region=self.region.value if self.region else None,
            country_code=self.country_code,
        )
