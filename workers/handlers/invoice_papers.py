"""What is attached to the mail about a paid invoice: Stripe's PDF of it and our receipt."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select

from app.accounts.clients import stripe_client
from app.accounts.preferences.chosen import chosen_zone
from app.errors import FailureKind, ProviderError
from app.language import say
from app.logs import get_logger
from app.messages import Claimed
from app.models import PaidInvoice
from app.providers.downloads import fetch_invoice_pdf
from app.providers.mail_message import Attachment
from app.providers.stripe.answers import InvoiceLine
from app.runtime import Runtime
from app.wording.receipt import receipt_pdf

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Papers:
    """The files, and what the mail says of them."""

    attached: tuple[Attachment, ...]
    facts: Mapping[str, str]


def fetch_papers(runtime: Runtime, message: Claimed, facts: Mapping[str, Any]) -> Papers:
    """Where Stripe's PDF cannot be had, the receipt alone; the mail then leads to the invoice."""
    with runtime.database.reading(message.tenant_id) as session:
        wanted = PaidInvoice.stripe_invoice_id == message.payload["invoice_id"]
        invoice = session.scalars(select(PaidInvoice).where(wanted)).one()
        zone = chosen_zone(session)
    lines = stripe_client(runtime, message.tenant_id).invoice_lines(invoice.stripe_invoice_id)
    receipt = {
        **facts,
        **_figures(invoice.content, lines),
        "proposal_number": facts["number"],
        "lines": [asdict(line) for line in lines],
        "paid_at": invoice.paid_at.astimezone(zone),
    }
    language = facts["language"]
    files = {"invoice": _invoice_pdf(runtime, invoice), "receipt": receipt_pdf(receipt, language)}
    attached = [_pdf(name, language, invoice, file) for name, file in files.items() if file]
    said = "both" if files["invoice"] else "receipt"
    words = say(language, f"mail.papers.{said}", invoice_number=invoice.number)
    page = {"hosted_url": invoice.content["hosted_url"] or ""}
    return Papers(tuple(attached), {"papers": words, **page})


def _invoice_pdf(runtime: Runtime, invoice: PaidInvoice) -> bytes:
    """Stripe's PDF; b"" where no later try would bring it."""
    try:
        return fetch_invoice_pdf(invoice.content["pdf_url"] or "", _hosts(runtime))
    except ProviderError as failure:
        if failure.kind is not FailureKind.PERMANENT:
            raise
        log.exception("mailed without the invoice's PDF", code=failure.code)
        return b""


def _hosts(runtime: Runtime) -> tuple[str, ...]:
    """Where an invoice's PDF may be, beside Stripe's own hosts: the sandbox's Stripe."""
    settings = runtime.settings
    return () if settings.production else (urlsplit(settings.stripe_api_base).netloc,)


def _figures(content: Mapping[str, Any], lines: Iterable[InvoiceLine]) -> dict[str, Any]:
    """The receipt's figures; rows of before they were stored have neither credit nor discount."""
    tax = content["total_minor"] - sum(line.amount_minor for line in lines)
    plain = {"tax_minor": tax, "discount_minor": 0, "paid_minor": content["total_minor"]}
    return plain | dict(content)


def _pdf(name: str, language: str, invoice: PaidInvoice, content: bytes) -> Attachment:
    filename = say(language, f"mail.file.{name}", number=invoice.number)
    return Attachment(filename, "application/pdf", content)
