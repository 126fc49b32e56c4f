"""Clients are shared by the worker's threads: answers must not cross."""

from concurrent.futures import ThreadPoolExecutor

from app.providers.hubspot.crm import HubSpotCrm
from tests.contracts.providers.conftest import Installer, Shop


def test_portals_read_at_once_get_their_own_deals(installer: Installer) -> None:
    api_base = installer.sandbox.world.settings.hubspot_api_base
    portals = {
        account: HubSpotCrm(api_base, installer.install(account).access_token)
        for account in ("148111/7001", "148222/7002")
    }

    with ThreadPoolExecutor(8) as threads:
        names = list(
            threads.map(
                lambda account: (account, portals[account].read_deal("5101").name),
                list(portals) * 12,
            )
        )

    assert {name.startswith("Autre Maison") for account, name in names if "148222" in account} == {
        True
    }
    assert {name.startswith("Autre Maison") for account, name in names if "148111" in account} == {
        False
    }


def test_one_client_in_many_threads_keeps_answers_apart(shop: Shop) -> None:
    made = {name: shop.stripe.create_product(name, {}, f"made-{name}") for name in "abcdef"}

    with ThreadPoolExecutor(8) as threads:
        again = list(
            threads.map(
                lambda name: (name, shop.stripe.create_product(name, {}, f"made-{name}")),
                list(made) * 8,
            )
        )

    assert all(product_id == made[name] for name, product_id in again)
