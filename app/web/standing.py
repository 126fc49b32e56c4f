"""Pages for a customer who already accepted or declined, or whose proposal ended."""

from dataclasses import dataclass
from urllib.parse import quote

from app.billing.ladder import METHOD_OPEN, MoneyStatus, settled_by_credit
from app.language import say
from app.methods import SEPA_DEBIT
from app.models import Proposal, Purchase
from app.proposals.lifecycle import ProposalStatus
from app.web.visit import Visit

M = MoneyStatus
ATTENTION = frozenset({M.HELD, M.FAILED, M.PAST_DUE, M.ACTION_NEEDED, M.AWAITING_METHOD})
GOOD = frozenset({M.PAID, M.PENDING})
ON_STRIPE = {
    M.PAID: "invoice",
    M.ACTION_NEEDED: "confirm",
    M.PAST_DUE: "settle",
    M.REFUNDED: "invoice",
    M.DISPUTED: "invoice",
    M.CANCELLED: "invoice",
}
# After this many quick reloads the page reloads more slowly; the seconds between two reloads.
HASTY_RELOADS = 15
HASTY_SECONDS = 2
CALM_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Link:
    """Words and where they lead."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Reload:
    """The page reloads by itself, without JavaScript."""

    url: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A panel's texts and links: the main link, methods to choose (again), a mail to the rep."""

    tone: str
    title: str
    text: str
    onward: Link | None = None
    methods: tuple[str, ...] = ()
    rep: Link | None = None
    reload: Reload | None = None
    step: int = 1


def closed_standing(visit: Visit) -> Standing | None:
    """The panel of a proposal that can no longer be answered; None while it can."""
    proposal = visit.proposal
    status = proposal.status
    if status == ProposalStatus.SENT and not visit.still_valid:
        status = ProposalStatus.EXPIRED
    if status in (ProposalStatus.SENT, ProposalStatus.ACCEPTED):
        return None
    return _standing(visit, f"closed.{status}", "calm", rep=write_to_rep(proposal))


def refusal(visit: Visit, code: str) -> Standing:
    """Why an answer was refused, with a link back; nothing was accepted."""
    again = Link(say(visit.language, "page.way.read_again"), visit.at)
    rep = write_to_rep(visit.proposal)
    return _standing(visit, f"refused.{code}", "attention", onward=again, rep=rep)


def money_standing(visit: Visit, purchase: Purchase) -> Standing:
    """The status of an accepted proposal's money, and the next step."""
    status = MoneyStatus(purchase.status)
    tone = "good" if status in GOOD else "attention" if status in ATTENTION else "calm"
    return _standing(
        visit,
        f"money.{_money_words(visit, purchase, status)}",
        tone,
        onward=_stripe_link(visit, purchase, status),
        rep=write_to_rep(visit.proposal),
        methods=tuple(visit.proposal.methods) if status in METHOD_OPEN else (),
        step=3 if status in METHOD_OPEN else 4 if status in GOOD else 0,
    )


def preparing(visit: Visit, reloads: int) -> Standing:
    """Stripe's page is being opened: our page reloads until it is there."""
    slow = reloads > HASTY_RELOADS
    return _standing(
        visit,
        "moment.slow_page" if slow else "moment.page",
        "calm",
        rep=write_to_rep(visit.proposal) if slow else None,
        methods=tuple(visit.proposal.methods) if slow else (),
        reload=_reload(visit, "go", reloads),
        step=3,
    )


def reading_invoice(visit: Visit, reloads: int, *, in_vain: bool) -> Standing:
    """The newest invoice is read again at Stripe: our page reloads until its address is known.

    It says nothing of money, since an invoice may be open or paid, and does not try for ever.
    """
    return _standing(
        visit,
        "moment.slow_invoice" if in_vain else "moment.invoice",
        "calm",
        rep=write_to_rep(visit.proposal),
        reload=None if in_vain else _reload(visit, "read", reloads, "/invoice"),
        step=0,
    )


def recording(visit: Visit, reloads: int, *, method_open: bool) -> Standing:
    """The customer is back from Stripe's page; its result is being read and billed."""
    slow = reloads > HASTY_RELOADS
    return _standing(
        visit,
        "moment.slow_result" if slow else "moment.result",
        "calm",
        rep=write_to_rep(visit.proposal) if slow else None,
        methods=tuple(visit.proposal.methods) if slow and method_open else (),
        reload=_reload(visit, "done", reloads),
        step=3,
    )


def write_to_rep(proposal: Proposal) -> Link:
    """A link that writes a mail to the rep; it is always possible."""
    rep = proposal.document["rep"]
    subject = quote(say(proposal.language, "page.mail_subject", number=proposal.number))
    words = say(proposal.language, "page.way.write", name=rep["name"] or rep["email"])
    return Link(words, f"mailto:{quote(rep['email'], safe='@')}?subject={subject}")


def _standing(
    visit: Visit,
    words: str,
    tone: str,
    *,
    rep: Link | None,
    onward: Link | None = None,
    methods: tuple[str, ...] = (),
    reload: Reload | None = None,
    step: int = 1,
) -> Standing:
    document = visit.proposal.document
    names = {
        "number": visit.proposal.number,
        "seller": document["seller"]["name"],
        "rep": document["rep"]["name"] or document["rep"]["email"],
        "email": visit.proposal.recipient_email,
    }
    title = say(visit.language, f"page.{words}.title", **names)
    text = say(visit.language, f"page.{words}.text", **names)
    return Standing(tone, title, text, onward, methods, rep, reload, step)


def _money_words(visit: Visit, purchase: Purchase, status: MoneyStatus) -> str:
    if status in METHOD_OPEN and not purchase.method:
        return "method_gone" if visit.proposal.methods else "no_method"
    if status == M.PAID and _is_by_credit(visit):
        return "paid_by_credit"
    return f"{status}{_by_debit(purchase, status)}"


def _is_by_credit(visit: Visit) -> bool:
    if not visit.paid:
        return False
    newest = visit.paid[0].content
    return settled_by_credit(newest["total_minor"], newest.get("paid_minor"))


def _by_debit(purchase: Purchase, status: MoneyStatus) -> str:
    """A direct debit takes days; a card that is pending takes minutes."""
    return "_debit" if status == M.PENDING and purchase.method == SEPA_DEBIT else ""


def _stripe_link(visit: Visit, purchase: Purchase, status: MoneyStatus) -> Link | None:
    words = ON_STRIPE.get(status)
    if words is None or not purchase.hosted_invoice_url:
        return None
    return Link(say(visit.language, f"page.way.{words}"), f"{visit.at}/invoice")


def _reload(visit: Visit, name: str, reloads: int, below: str = "") -> Reload:
    seconds = CALM_SECONDS if reloads > HASTY_RELOADS else HASTY_SECONDS
    return Reload(f"{visit.at}{below}?{name}={reloads + 1}", seconds)
