"""Where a person looks at a record in HubSpot."""


def deal_page(app_base: str, hub_id: int, hubspot_deal_id: str) -> str:
    """The deal's page; 0-3 is HubSpot's type id of deals.

    https://developers.hubspot.com/docs/api-reference/latest/crm/understanding-the-crm
    """
    return f"{app_base}/contacts/{hub_id}/record/0-3/{hubspot_deal_id}"
