"""What HubSpot computes for a line: its net amount, discounts taken off, taxes left out."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_DECIMALS = {"JPY": 0, "KRW": 0, "CLP": 0, "XOF": 0, "XPF": 0, "BHD": 3, "KWD": 3, "TND": 3}


def calculated(line: Mapping[str, str | None]) -> dict[str, str | None]:
    """Return the calculated properties of a line as decimal text, None without a price.

    amount = (price - discount) x (1 - percentage / 100) x quantity, rounded half up to the
    currency's decimals; `discount` is money off per unit.
    """
    price = _number(line.get("price"))
    quantity = _number(line.get("quantity"))
    if price is None or quantity is None:
        return {"amount": None, "hs_pre_discount_amount": None, "hs_total_discount": None}
    off = _number(line.get("discount")) or Decimal(0)
    percent = _number(line.get("hs_discount_percentage")) or Decimal(0)
    step = Decimal(1).scaleb(-_DECIMALS.get(line.get("hs_line_item_currency_code") or "", 2))
    full = (price * quantity).quantize(step, ROUND_HALF_UP)
    net = (price - off) * (1 - percent / 100) * quantity
    amount = net.quantize(step, ROUND_HALF_UP)
    return {
        "amount": f"{amount:f}",
        "hs_pre_discount_amount": f"{full:f}",
        "hs_total_discount": f"{full - amount:f}",
    }


def _number(text: str | None) -> Decimal | None:
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return None
