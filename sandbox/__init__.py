"""An oracle of its own: HubSpot, Stripe, Slack and a mail server over real HTTP and SMTP."""
