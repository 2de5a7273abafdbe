"""What only looks. See docs/architecture.md."""
