"""The account itself: who it is, which methods it offers, what the key may do there."""

from concurrent.futures import ThreadPoolExecutor

from app.errors import FailureKind, ProviderError
from app.methods import METHODS
from app.providers.stripe.answers import Account
from app.providers.stripe.connection import Connection
from app.providers.stripe.failures import MISSING_PERMISSION
from app.providers.stripe.permissions import PERMISSIONS, Permission


class AccountCalls(Connection):
    def retrieve_account(self) -> Account:
        """Read the account behind the key.

        https://docs.stripe.com/api/accounts/retrieve
        """
        account = self._read(self._v1.accounts.retrieve_current)
        profile = account.get("business_profile") or {}
        dashboard = (account.get("settings") or {}).get("dashboard") or {}
        return Account(
            id=account["id"],
            livemode=self._livemode,  # the key says it, the account does not
            name=profile.get("name") or dashboard.get("display_name") or "",
        )

    def list_methods(self) -> set[str]:
        """Which of card and sepa_debit the account's default configuration has switched on.

        https://docs.stripe.com/api/payment_method_configurations/list
        """
        listed = self._read(self._v1.payment_method_configurations.list, params={"limit": 100})
        configurations = [found for found in listed["data"] if found.get("active", True)]
        chosen = next((found for found in configurations if found.get("is_default")), None)
        if chosen is None:
            return set()
        return {name for name in METHODS if _is_on(chosen.get(name) or {})}

    def lacking_permissions(self) -> dict[str, str]:
        """Of `PERMISSIONS` those that the key lacks, by name, with what Stripe says is missing.

        Stripe may name another permission than we expect. One harmless call for each, all at once;
        raises `ProviderError` where a call was neither allowed nor refused for want of one.
        https://docs.stripe.com/keys/restricted-api-keys
        """
        with ThreadPoolExecutor(len(PERMISSIONS)) as pool:
            asked = pool.map(self._lacking, PERMISSIONS)
            return {p.name: named for p, named in zip(PERMISSIONS, asked, strict=True) if named}

    def _lacking(self, permission: Permission) -> str:
        method, path = permission.probe
        try:
            self._read(self._raw, method, path)
        except ProviderError as failed:
            if failed.code == MISSING_PERMISSION:
                return failed.detail or permission.name
            if failed.kind is not FailureKind.PERMANENT:
                raise
        return ""


def _is_on(method: dict[str, object]) -> bool:
    preference = method.get("display_preference")
    switched = preference.get("value") if isinstance(preference, dict) else None
    return bool(method.get("available")) and switched == "on"
