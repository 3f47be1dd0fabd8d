"""The nouns of the house: what every room may know, and nothing that touches a machine."""
