"""Stripe: billing, setup pages, webhook signatures. Importing the package loads no SDK."""
