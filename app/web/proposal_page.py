"""From the frozen document to what the page shows, with every figure already formatted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from app.billing.plan import charge_calendar
from app.language import say
from app.proposals.seller import seller_of
from app.wording.figures import day, line_words, money, percent
from app.wording.plain import cut

# The page stays light whatever the CRM holds; the frozen document has every word.
LONGEST_TITLE = 140
LONGEST_NAME = 300
LONGEST_DESCRIPTION = 1_000
LAST_DAY_OF_EVERY_MONTH = 28


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One row of the offer; `net` is without tax, `words` say how it is made."""

    name: str
    description: str
    words: str
    tax: str
    net: str


@dataclass(frozen=True, slots=True)
class LineGroup:
    """Rows charged in the same rhythm, under a heading where there are two rhythms."""

    heading: str
    lines: tuple[ShownLine, ...]


@dataclass(frozen=True, slots=True)
class ShownTax:
    """One tax rate of the first charge: its base and its amount."""

    words: str
    amount: str


@dataclass(frozen=True, slots=True)
class ShownInvoice:
    """A paid invoice; `url` is Stripe's page for it, or ""."""

    number: str
    paid_on: str
    amount: str
    url: str


@dataclass(frozen=True, slots=True)
class ShownProposal:
    """What the template prints. Texts from the CRM and the tenant are not escaped yet."""

    language: str
    number: str
    version: int
    subject: str
    issued_on: str
    valid_until: str
    seller_name: str
    seller_about: tuple[str, ...]
    logo: str
    terms_file: str
    rep_name: str
    rep_email: str
    customer: tuple[str, ...]
    groups: tuple[LineGroup, ...]
    taxed: bool
    net: str
    taxes: tuple[ShownTax, ...]
    due_now: str
    recurring: str | None
    later: str
    later_amount: str
    charges: tuple[tuple[str, str], ...]
    terms: str
    fingerprint: str


def show_document(document: Mapping[str, Any], fingerprint: str, first: date) -> ShownProposal:
    """Prepare the document for a page; `first` is the day of the first charge."""
    language, currency = document["language"], document["currency"]
    seller, rep = seller_of(document), document["rep"]
    due_now = document["due_now"]
    return ShownProposal(
        language=language,
        number=document["number"],
        version=document["version"],
        subject=cut(document["deal"]["name"].strip(), LONGEST_TITLE),
        issued_on=_day(document["issued_on"], language),
        valid_until=_day(document["valid_until"], language),
        seller_name=cut(seller.name.strip(), LONGEST_NAME),
        logo=seller.logo,
        terms_file=seller.terms_file and (seller.terms_file_name or say(language, "page.terms")),
        seller_about=tuple(cut(line, LONGEST_NAME) for line in seller.about(language)),
        rep_name=rep["name"] or rep["email"],
        rep_email=rep["email"],
        customer=customer_lines(document, language),
        groups=_groups(document, language),
        taxed=any(line["tax_rate_id"] for line in document["lines"]),
        net=money(due_now["net_minor"], currency, language),
        taxes=_taxes(document, language),
        due_now=money(due_now["total_minor"], currency, language),
        recurring=_recurring(document, language),
        later=_later(document, language, first),
        later_amount=money(document["recurring"]["total_minor"], currency, language),
        charges=_charges(document, language, first),
        terms=seller.terms.strip(),
        fingerprint=fingerprint,
    )


def customer_lines(document: Mapping[str, Any], language: str) -> tuple[str, ...]:
    """Name and address of the buyer, one line each; a company comes before its person."""
    person = document["recipient"]
    company = document["company"]
    lines = [person["name"], person["email"]]
    if company:
        town = f"{company['postal_code']} {company['city']}".strip()
        place = [company["street"], company["street2"], town, company["country"]]
        numbers = [
            say(language, f"page.company.{name}", number=company[name])
            for name in ("siren", "vat_number")
            if company[name]
        ]
        lines = [company["name"], *place, *numbers, *lines]
    shown = (cut(line.strip(), LONGEST_NAME) for line in lines if line and line.strip())
    return tuple(dict.fromkeys(shown))  # without a name, the e-mail address is both


def _day(text: str, language: str) -> str:
    return day(date.fromisoformat(text), language)


def _groups(document: Mapping[str, Any], language: str) -> tuple[LineGroup, ...]:
    recurring = [line for line in document["lines"] if line["interval"]]
    one_off = [line for line in document["lines"] if not line["interval"]]
    rhythms = ((document["interval"], recurring), ("once", one_off))
    return tuple(
        LineGroup(
            say(language, f"page.group.{rhythm}"),
            tuple(_line(line, document["currency"], language) for line in lines),
        )
        for rhythm, lines in rhythms
        if lines
    )


def _line(line: Mapping[str, Any], currency: str, language: str) -> ShownLine:
    return ShownLine(
        name=cut(line["name"].strip(), LONGEST_NAME),
        description=cut((line["description"] or "").strip(), LONGEST_DESCRIPTION),
        words=line_words(line, currency, language),
        tax=_rate(line, language) if line["tax_rate_id"] else "",
        net=money(line["net_minor"], currency, language),
    )


def _rate(line: Mapping[str, Any], language: str) -> str:
    """`TVA 20 %`; a label that already says its percentage is left as it is."""
    figure = percent(line["tax_percentage"], language)
    label = cut(line["tax_label"].strip(), LONGEST_NAME)
    number = f"{Decimal(line['tax_percentage']).normalize():f}"
    said = number in label or number.replace(".", ",") in label
    return label if said else f"{label} {figure}".strip()


def _taxes(document: Mapping[str, Any], language: str) -> tuple[ShownTax, ...]:
    """The first charge's taxes, one row per rate, in the order of the lines."""
    currency = document["currency"]
    sums: dict[str, tuple[int, int]] = {}
    for line in document["lines"]:
        if line["tax_rate_id"]:
            words = _rate(line, language)
            base, tax = sums.get(words, (0, 0))
            sums[words] = (base + line["net_minor"], tax + line["tax_minor"])
    return tuple(
        ShownTax(
            say(language, "page.tax_on", rate=words, base=money(base, currency, language)),
            money(tax, currency, language),
        )
        for words, (base, tax) in sums.items()
    )


def _recurring(document: Mapping[str, Any], language: str) -> str | None:
    if not document["interval"]:
        return None
    amount = money(document["recurring"]["total_minor"], document["currency"], language)
    return say(language, f"page.recurring.{document['interval']}", amount=amount)


def _later(document: Mapping[str, Any], language: str, first: date) -> str:
    """In words: what is charged after the first charge, and when."""
    interval = document["interval"]
    if not interval:
        return say(language, "page.later.none")
    following = charge_calendar(document, first)[1]
    short = interval == "month" and first.day > LAST_DAY_OF_EVERY_MONTH
    return say(
        language,
        f"page.later.{interval}{'_end' if short else ''}",
        amount=money(following.minor, document["currency"], language),
        day=say(language, "page.first_of_month") if first.day == 1 else first.day,
        date=day(following.on, language),
    )


def _charges(
    document: Mapping[str, Any], language: str, first: date
) -> tuple[tuple[str, str], ...]:
    """In figures: the charges of the first year or years, the first one included."""
    return tuple(
        (day(charge.on, language), money(charge.minor, document["currency"], language))
        for charge in charge_calendar(document, first)
    )
