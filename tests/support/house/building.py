"""A house as it is built: installed by the seller, connected to Stripe and Slack."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from app import create_app
from app.accounts.choose_channel import choose_channel
from app.accounts.connect_slack import connect_slack
from app.accounts.connect_stripe import connect_stripe
from app.accounts.install import Grant, install_tenant
from app.accounts.preferences.sections import save_section
from app.audit import US
from app.bell import Bell
from app.clock import Clock
from app.db import Database
from app.runtime import Runtime, read_offset
from app.seal import Sealer
from app.settings import Settings
from sandbox.hubspot import tokens
from sandbox.hubspot.registration import registration
from sandbox.server import Server
from sandbox.stripe import webhook_endpoints
from tests.support.house.accounts import FIRST, OTHER, PREFERENCES, Account
from tests.support.house.visitors import House, play_it
from workers.drain import Drain
from workers.handlers import HANDLERS


class CountingBell(Bell):
    """Rings into the void and counts: most tests work the messages themselves."""

    rings = 0

    def ring(self) -> None:
        self.rings += 1


def make_runtime(
    settings: Settings, bell: Bell | None = None, database: Database | None = None
) -> Runtime:
    """A runtime whose bell only counts, unless one is given."""
    database = database or Database(settings.database_url)
    bell = bell or CountingBell(settings.redis_url)
    database.bell = bell.ring
    clock = Clock(lambda: read_offset(database))
    return Runtime(settings, database, clock, Sealer(settings.encryption_keys), bell)


def install(sandbox: Server, runtime: Runtime, account: Account = FIRST) -> House:
    """Install and connect one seller and make his deal properties."""
    world = sandbox.world
    grant = {
        "portal": str(account.portal),
        "user": account.user,
        "scopes": sorted(registration(world.settings).required_scopes),
    }
    with world.store.lock:
        answer = tokens.issue(world, grant)
    tenant_id = install_tenant(
        runtime,
        Grant(
            hub_id=account.portal,
            user_id=account.user,
            user_email="dana@maison.example",
            access_token=answer["access_token"],
            refresh_token=answer["refresh_token"],
            expires_in=answer["expires_in"],
            currency="EUR",
            time_zone="Europe/Paris",
            test_account=True,
            scopes=tuple(answer["scopes"]),
        ),
    )
    for section, typed in PREFERENCES.items():
        save_section(runtime.database, tenant_id, section, typed, "fr", who=US)
    connect_stripe(runtime, tenant_id, account.stripe_key, "fr", who=US)
    connect_slack(runtime, tenant_id, account.slack_token, "fr", who=US)
    choose_channel(runtime, tenant_id, "#ventes", "fr", who=US)
    app, drain = create_app(runtime.settings, runtime), Drain(runtime, HANDLERS)
    house = House(sandbox, runtime, app, account, tenant_id, drain)
    keep_webhooks_for_the_test(house)
    house.drain.run()
    house.forget_calls()
    return house


def next_door(house: House, tenant_id: int) -> House:
    """The other seller's house, which was installed on the same product before."""
    drain = Drain(house.runtime, HANDLERS)
    return replace(
        house, account=OTHER, tenant_id=tenant_id, drain=drain, begin=play_it, _carried=set()
    )


def keep_webhooks_for_the_test(house: House) -> None:
    """Switch the sandbox's own sender off: `carry` delivers, when the test says so."""
    with house.sandbox.world.store.lock:
        webhook_endpoints.mute(house.books(), house.endpoint()["id"])


@contextmanager
def moved_to(house: House, runtime: Runtime) -> Iterator[House]:
    """The same house with its product in another runtime: other keys, or another database."""
    house.app.extensions["propale"] = runtime
    later = replace(house, runtime=runtime, drain=Drain(runtime, HANDLERS))
    try:
        yield later
    finally:
        later.drain.stopping.set()
        later.drain._pool.shutdown()
