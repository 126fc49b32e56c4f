"""What a tenant may choose, section by section: each is checked and saved alone."""
