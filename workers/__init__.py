"""The product's other half: works the messages."""
