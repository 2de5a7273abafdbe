"""What removes: one file a format. See docs/architecture.md."""
