"""HubSpot's side: whether it knows our client id and secret, and the project that fits us."""

from collections.abc import Iterator

from app.doctor.check import Check, ok, wrong
from app.doctor.project import look_at_project
from app.errors import FailureKind, ProviderError
from app.providers.hubspot.oauth import try_client
from app.runtime import Runtime


def look_at_hubspot(runtime: Runtime) -> Iterator[Check]:
    yield look_at_client(runtime)
    yield from look_at_project(runtime.settings.public_url)


def look_at_client(runtime: Runtime) -> Check:
    """HubSpot takes our client id with the newest secret."""
    name, settings = "hubspot.client", runtime.settings
    client = settings.hubspot_client_id, settings.hubspot_secrets[0]
    try:
        try_client(settings.hubspot_api_base, *client)
    except ProviderError as error:
        if error.kind is not FailureKind.CONFIGURATION:
            return wrong(name, "away", url=settings.hubspot_api_base)
        unknown = error.code == "BAD_CLIENT_ID"
        return wrong(name, "unknown" if unknown else "refused", code=error.code)
    return ok(name)
