"""Whether an installation is ready to sell, step by step as docs/going-live.md has them."""
