"""Who listens: head count merged from the edges."""
