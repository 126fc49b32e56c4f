"""Real processes under a storm: people buy while everything they stand on is killed or disturbed.

`./propale test --chaos SECONDS [--seed N]`. It ends by comparing four books that are read without
any code of the product: its tables, and the sandbox's HubSpot, Stripe, mails and Slack.
"""
