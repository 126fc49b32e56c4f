"""The pages people see: Stripe's page for a method, the bank's, the invoice, the dashboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.stripe.pages import bank, checkout, dashboard, hosted_invoice

if TYPE_CHECKING:
    from flask import Blueprint

    from sandbox.stripe.pages.opening import OpenBooks


def register(pages: Blueprint, open_books: OpenBooks) -> None:
    """Add every page's routes to the blueprint."""
    for module in (checkout, bank, hosted_invoice, dashboard):
        module.register(pages, open_books)
