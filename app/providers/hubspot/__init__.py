"""HubSpot: OAuth and the CRM. Importing the package loads no SDK."""
