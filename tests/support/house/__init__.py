"""An installed and connected house: one tenant, its product in this process, the sandbox around it.

house.send("5101")                      # the rep's click, up to the mail
purchase = house.accept(proposal)       # the customer's choice, up to Stripe's page
house.enter(purchase, "card_ok")        # what she does there
house.settle()                          # work everything that follows, Stripe's webhooks too

What people do stands in `visitors`, time and work in `work`, what there is to see in `sight`.
A test of what comes after begins with `sent`, `accepted` or `bought`: as `send`, `accept`, `buy`,
but done once a session and put back.
"""

from tests.support.house.accounts import FIRST, OTHER, PREFERENCES
from tests.support.house.building import (
    install,
    keep_webhooks_for_the_test,
    make_runtime,
    moved_to,
    next_door,
)
from tests.support.house.fixtures import (
    ON_BOTH,
    ON_BOTH_AT_LENGTH,
    house,
    house_database,
    house_settings,
    other_house,
    prepared_house,
)
from tests.support.house.prepared import Prepared, prepare_house
from tests.support.house.sides import Sides
from tests.support.house.sight import Record
from tests.support.house.visitors import House

__all__ = [
    "FIRST",
    "ON_BOTH",
    "ON_BOTH_AT_LENGTH",
    "OTHER",
    "PREFERENCES",
    "House",
    "Prepared",
    "Record",
    "Sides",
    "house",
    "house_database",
    "house_settings",
    "install",
    "keep_webhooks_for_the_test",
    "make_runtime",
    "moved_to",
    "next_door",
    "other_house",
    "prepare_house",
    "prepared_house",
]
