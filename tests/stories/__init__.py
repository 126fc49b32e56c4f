"""Stories: every state of the card, shown by its production bundle and photographed."""
