"""What every mail says: subject, plain text and HTML, in the reader's language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from app.billing.ladder import MoneyStatus
from app.language import say
from app.methods import METHODS
from app.reasons import VENDORS
from app.wording.colour import OURS
from app.wording.figures import day
from app.wording.plain import cut, one_line

TEMPLATES = Path(__file__).parent.parent / "templates" / "mail"
LONGEST_SUBJECT = 150
LONGEST_VALUE = 200
LONGEST_IN_SUBJECT = 60
LONGEST_REASON = 2_000
URLS = ("link", "deal_url", "hosted_url", "invoice_link")
VALUES = (
    "number", "deal_name", "recipient_name", "recipient_email", "company_name", "seller_name",
    "rep_name", "due_now", "recurring", "valid_until", "invoice_number", "invoice_total",
    "method", "provider", "stripe_figure", "our_figure", "payment", "papers", "count",
    "channel",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wording:
    """A mail's words; the subject is one line."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Shape:
    """Who reads a mail, which figures it lists, where its button leads (first known URL).

    `only_while`: the money's statuses in which it is still true, where there are such;
    `only_offered`: it is true only while the customer may still answer.
    """

    reader: str
    facts: tuple[str, ...]
    button: tuple[str, ...]
    quotes_reason: bool = False
    only_while: frozenset[str] | None = None
    only_offered: bool = False


OFFER = ("number", "due_now", "recurring")
DEAL = ("customer", "deal_name", "number", "due_now", "recurring")
AWAITED = frozenset({MoneyStatus.AWAITING_METHOD.value})
FAILED = frozenset({MoneyStatus.FAILED.value})
PAST_DUE = frozenset({MoneyStatus.PAST_DUE.value})
ACTION_NEEDED = frozenset({MoneyStatus.ACTION_NEEDED.value})
STOPPED = FAILED | ACTION_NEEDED | {MoneyStatus.HELD.value}
SHAPES = {
    "proposal_sent": Shape(
        "customer", ("due_now", "recurring", "valid_until"), ("link",), only_offered=True
    ),
    "invoice_paid": Shape(
        "customer", ("invoice_number", "invoice_total", "number"), ("hosted_url", "link")
    ),
    "reminder_1h": Shape("customer", OFFER, ("link",), only_while=AWAITED),
    "reminder_24h": Shape("customer", OFFER, ("link",), only_while=AWAITED),
    "payment_failed": Shape(
        "customer", ("number", "invoice_number", "invoice_total"), ("link",), only_while=FAILED
    ),
    "renewal_failed": Shape(
        "customer",
        ("number", "invoice_number", "invoice_total"),
        ("invoice_link", "link"),
        only_while=PAST_DUE,
    ),
    "action_needed": Shape(
        "customer",
        OFFER,
        ("invoice_link", "link"),
        only_while=ACTION_NEEDED,
    ),
    "rep_sent": Shape("rep", DEAL, ("deal_url",)),
    "rep_accepted": Shape("rep", (*DEAL, "method"), ("deal_url",)),
    "rep_paid": Shape("rep", (*DEAL, "method", "invoice_number"), ("deal_url",)),
    "rep_declined": Shape("rep", DEAL, ("deal_url",), quotes_reason=True),
    "rep_failed": Shape(
        "rep", (*DEAL, "method"), ("deal_url",), quotes_reason=True, only_while=FAILED
    ),
    "rep_held": Shape(
        "rep",
        ("customer", "deal_name", "number", "our_figure", "stripe_figure"),
        ("deal_url",),
        quotes_reason=True,
        only_while=STOPPED,
    ),
    "rep_still_waiting": Shape("rep", DEAL, ("deal_url",), only_while=AWAITED),
    "rep_renewal_failed": Shape(
        "rep",
        ("customer", "deal_name", "number", "invoice_number", "invoice_total"),
        ("deal_url",),
        quotes_reason=True,
        only_while=PAST_DUE,
    ),
    "test": Shape("colleague", (), ("link",)),
    "owner_erasure": Shape("owner", (), ("link",)),
    "owner_left": Shape("owner", (), ("link",)),
    "owner_permissions": Shape("owner", (), ("link",)),
    "owner_reconnect": Shape("owner", ("provider",), ("link",), quotes_reason=True),
    "owner_channel": Shape("owner", ("channel",), ("link",), quotes_reason=True),
    "owner_differences": Shape("owner", (), ("link",)),
}


def render(kind: str, language: str, context: Mapping[str, Any]) -> Wording:
    """Write one mail.

    `kind` is a key of `SHAPES`. `context` may hold any of `VALUES` as finished words (`method`
    also as `card` or `sepa_debit`, `valid_until` as an ISO date), `URLS`, and `reason` of several
    lines; what is missing, None or "" is left out. Texts may come from the CRM as they are.
    `seller_about` are the seller's legal lines, `accent` his colour; with `logo` (PNG) the mail
    must carry it as `cid:logo`. Only customers see these three.
    `points` (as `app.reconcile.points`), `more` of them and `server_lines` are finished too.
    """
    shape = SHAPES[kind]
    values = _values(context, language)
    reason = cut(str(context.get("reason") or "").strip(), LONGEST_REASON)
    url = next((values[name] for name in shape.button if values[name]), "")
    page = {
        "language": language,
        "seller_name": values["seller_name"],
        "title": say(language, f"mail.{kind}.title", **values),
        "greeting": _greeting(shape, language, values),
        "paragraphs": say(language, f"mail.{kind}.text", **values).split("\n\n"),
        "facts": [
            (say(language, f"mail.fact.{name}"), values[name])
            for name in shape.facts
            if values[name]
        ],
        "quoted": reason.splitlines() if shape.quotes_reason else [],
        "labelled": partial(say, language, "mail.labelled"),
        "reason": say(language, "mail.reason"),
        "points": context.get("points", ()),
        "more": context.get("more", ""),
        "to_do": say(language, "reconcile.to_do"),
        "server": say(language, "reconcile.server"),
        "server_lines": context.get("server_lines", ()),
        "button": say(language, f"mail.{kind}.button", **values),
        "url": url,
        "sign_off": _sign_off(shape, language, values),
        "imprint": _imprint(shape, values, context.get("seller_about", ())),
        "accent": context.get("accent", OURS) if shape.reader == "customer" else OURS,
        "logo": bool(context.get("logo")) and shape.reader == "customer",
        "footer": say(language, f"mail.footer.{shape.reader}", **values),
    }
    short = {name: cut(value, LONGEST_IN_SUBJECT) for name, value in values.items()}
    subject = say(language, f"mail.{kind}.subject", **short)
    return Wording(
        subject=one_line(" ".join(subject.split()), LONGEST_SUBJECT),  # a header wraps as it likes
        text=_templates().get_template("message.txt").render(page),
        html=_templates().get_template("message.html").render(page),
    )


@cache
def _templates() -> Environment:
    """Markup is escaped everywhere but in plain text, which is nobody's markup."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(disabled_extensions=("txt",), default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _values(context: Mapping[str, Any], language: str) -> dict[str, str]:
    values = {name: one_line(context.get(name) or "", LONGEST_VALUE) for name in VALUES}
    values["valid_until"] = _day(values["valid_until"], language)
    values |= {name: _web_address(context.get(name)) for name in URLS}
    if values["method"] in METHODS:
        values["method"] = say(language, f"mail.method.{values['method']}")
    values["provider"] = VENDORS.get(values["provider"], values["provider"])
    person = values["recipient_name"] or values["recipient_email"]
    values["customer"] = values["company_name"] or person
    return values


def _day(iso: str, language: str) -> str:
    return day(date.fromisoformat(iso), language) if iso else ""


def _web_address(value: Any) -> str:
    text = str(value or "")
    return text if text.startswith(("https://", "http://")) else ""


def _greeting(shape: Shape, language: str, values: Mapping[str, str]) -> str:
    name = {"customer": "recipient_name", "rep": "rep_name"}.get(shape.reader, "")
    person = values[name] if name else ""
    if not person or "@" in person:
        return say(language, "mail.hello")
    return say(language, "mail.hello_name", name=person)


def _sign_off(shape: Shape, language: str, values: Mapping[str, str]) -> list[str]:
    """A mail to the customer is signed by rep and seller; one to colleagues by the product."""
    if shape.reader != "customer":
        return [say(language, "mail.product")]
    return [line for line in (values["rep_name"], values["seller_name"]) if line]


def _imprint(shape: Shape, values: Mapping[str, str], about: Iterable[str]) -> str:
    """Who writes, as the law wants it at the foot of business mail; colleagues know."""
    if shape.reader != "customer" or not about:
        return ""
    return " · ".join((values["seller_name"], *(one_line(line, LONGEST_VALUE) for line in about)))
