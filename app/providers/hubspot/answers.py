"""HubSpot's answers, apart from deals, as plain data."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Tokens:
    """A portal's tokens; `expires_in` is in seconds. `user_id` is the installer's, 0 if unsaid.

    HubSpot may change the refresh token at every refresh: store the one that came back.
    """

    access_token: str
    refresh_token: str
    expires_in: int
    hub_id: int
    user_id: int
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AccountDetails:
    """The portal: ISO currency, IANA time zone.

    `is_test`: a developer's, test or sandbox account, where no real customer is.
    """

    currency: str
    time_zone: str
    is_test: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """One deal stage, with the pipeline it stands in."""

    pipeline_id: str
    pipeline_label: str
    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a deal stands: a stage of a pipeline."""

    pipeline_id: str
    stage_id: str


@dataclass(frozen=True, slots=True)
class StageEntry:
    """The deal entered a stage at that instant (UTC); `by_app`: no person moved it."""

    stage_id: str
    at: datetime
    by_app: bool
