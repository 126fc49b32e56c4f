"""What stands still: the messages a person looks at, sends again or drops."""
