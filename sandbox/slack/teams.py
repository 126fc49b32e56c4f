"""Two Slack workspaces with the bot's tokens and a few channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.store import Record, Table
    from sandbox.world import World

SCOPES = (
    "chat:write",
    "channels:read",
    "groups:read",
    "channels:join",
    "channels:history",
    "groups:history",
)
_TEAMS = {
    "T0SANDBOX": ("Maison du Sandbox", "xoxb-sandbox-token"),
    "T0AUTRE": ("Autre Maison", "xoxb-sandbox-token-2"),
}
_CHANNELS = (
    ("C0VENTES", "ventes", False, False),
    ("C0GENERAL", "général", False, False),
    ("C0DIRECTION", "direction", True, False),
    ("C0ANCIENS", "anciens-projets", False, True),
)


def tokens(world: World) -> Table:
    """Return the known bot tokens: token -> {"team", "scopes"}."""
    return world.store.table("slack", "tokens")


def teams(world: World) -> Table:
    return world.store.table("slack", "teams")


def channels(world: World, team: str) -> Table:
    return world.store.table("slack", team, "channels")


def messages(world: World, team: str, channel: str) -> Table:
    """Return a channel's messages by ts, oldest first."""
    return world.store.table("slack", team, "messages", channel)


def read_only(world: World, team: str) -> Table:
    """Return the channels where only the workspace's admins may post."""
    return world.store.table("slack", team, "read_only")


def demanded(world: World) -> Table:
    """Return the scopes that any call so far has needed."""
    return world.store.table("slack", "demanded")


def revoke(world: World, team: str, *, uninstalled: bool) -> None:
    """End every token of the workspace; with the app, the bot also leaves every channel."""
    for token, known in tokens(world).items():
        if known["team"] == team:
            tokens(world)[token] = {"team": team, "scopes": None, "uninstalled": uninstalled}
    for name, channel in channels(world, team).items() if uninstalled else ():
        channels(world, team)[name] = {**channel, "is_member": False}


def give_back(world: World, token: str) -> None:
    """End one token; the app goes with the workspace's last one."""
    team = tokens(world)[token]["team"]
    tokens(world)[token] = {"team": team, "scopes": None}
    if not any(one["scopes"] for one in tokens(world).values() if one["team"] == team):
        revoke(world, team, uninstalled=True)


def plant(world: World) -> None:
    """Add the workspaces that are missing; the bot is a member of no channel at first."""
    for team, (name, token) in _TEAMS.items():
        if team in teams(world):
            continue
        teams(world)[team] = {"id": team, "name": name, "domain": team.lower()}
        tokens(world)[token] = {"team": team, "scopes": list(SCOPES)}
        for channel in _CHANNELS:
            channels(world, team)[channel[0]] = _channel(team, *channel)


def _channel(team: str, channel_id: str, name: str, private: bool, archived: bool) -> Record:
    return {
        "id": channel_id,
        "name": name,
        "name_normalized": name,
        "is_channel": not private,
        "is_group": private,
        "is_im": False,
        "is_private": private,
        "is_archived": archived,
        "is_general": name == "général",
        "is_member": False,
        "num_members": 4,
        "created": 1_700_000_000,
        "creator": "U0DANA",
        "context_team_id": team,
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    }
