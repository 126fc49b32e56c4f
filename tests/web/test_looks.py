"""HEAD, as programs send it that look before the person comes: it changes nothing anywhere."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.routing import Rule

from app.clock import wall_now
from app.models import PortalStage, Purchase
from tests.factories import return_token_of, token_of
from tests.support.contents import contents
from tests.support.house import House
from tests.web.browsing import approve, signed_in
from tests.web.test_route_auth import ROUTES

LOOKED_AT = [rule for rule, method, who in ROUTES if method == "GET" and "signed" not in who]


def one_time_token(house: House) -> str:
    url: str = house.card("/sign-in?lang=fr", {}).get_json()["url"]
    return urlsplit(url).path.rpartition("/")[2]


def address(house: House, rule: Rule, purchase: Purchase) -> str:
    """A path at which there is something, with the parameters that make GET do most."""
    proposal = house.proposal("5101")
    tokens = {"p": token_of(proposal), "r": return_token_of(purchase)}
    kind = rule.rule.split("/")[1]
    named = {
        "token": tokens.get(kind) or one_time_token(house),
        "public_id": proposal.public_id,
        "what": "logo",
    }
    _, path = rule.build({name: named[name] for name in rule.arguments}) or ("", "")
    return f"{path}?done=1&go=1"


def old_readings(house: House) -> None:
    """What was read of HubSpot is so old that a page has it read again."""
    with house.runtime.database.writing(house.tenant_id) as session:
        long_ago = wall_now() - timedelta(days=30)
        session.execute(update(PortalStage).values(read_at=long_ago))


@pytest.mark.parametrize("rule", LOOKED_AT, ids=[rule.rule for rule in LOOKED_AT])
def test_look_changes_nothing(house: House, rule: Rule) -> None:
    path = address(house, rule, house.accepted("5101"))
    old_readings(house)
    client = signed_in(house)
    before = contents(house.runtime.database)

    looked = client.head(path)

    assert looked.headers.getlist("Set-Cookie") == []
    assert contents(house.runtime.database) == before


def test_look_leaves_the_way_back_of_an_install_good(house: House) -> None:
    client: FlaskClient = house.app.test_client()
    back = approve(house, client.get("/install").headers["Location"])
    before = contents(house.runtime.database)

    client.head(back)

    assert contents(house.runtime.database) == before
    assert client.get(back).headers["Location"] == "/connections"
