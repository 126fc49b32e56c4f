"""Words for mails, Slack and receipts; used by workers and web, needs no Flask."""
