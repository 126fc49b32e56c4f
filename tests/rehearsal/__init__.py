"""docs/going-live.md played word by word, from an empty server to the first paid proposal."""
