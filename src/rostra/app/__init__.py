"""The house wired together: configuration, roles, supervision, the command line."""
