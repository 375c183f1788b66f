"""Resource types and ARNs."""
