"""The proposal's ladder: which status may follow which."""

from enum import StrEnum


class ProposalStatus(StrEnum):
    DRAFT = "draft"
    REFUSED = "refused"
    SENT = "sent"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


FOLLOWS: dict[ProposalStatus, frozenset[ProposalStatus]] = {
    ProposalStatus.DRAFT: frozenset({ProposalStatus.SENT, ProposalStatus.REFUSED}),
    ProposalStatus.REFUSED: frozenset(),
    ProposalStatus.SENT: frozenset(
        {
            ProposalStatus.ACCEPTED,
            ProposalStatus.DECLINED,
            ProposalStatus.EXPIRED,
            ProposalStatus.WITHDRAWN,
        }
    ),
    ProposalStatus.ACCEPTED: frozenset(),
    ProposalStatus.DECLINED: frozenset(),
    ProposalStatus.EXPIRED: frozenset(),
    ProposalStatus.WITHDRAWN: frozenset(),
}
# While a deal has a proposal in one of these, the card shows no button.
OPEN = frozenset({ProposalStatus.DRAFT, ProposalStatus.SENT, ProposalStatus.ACCEPTED})
# Never sent: the CRM shows these as not created.
UNSENT = frozenset({ProposalStatus.DRAFT, ProposalStatus.REFUSED})


def shown_in_crm(status: str | None) -> str:
    """The value of `propale_status` for the newest proposal of a deal."""
    if status is None or status in UNSENT:
        return "not_created"
    return status
