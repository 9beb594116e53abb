"""The corpus that the guard is measured with, and how it is scored. Never shown to members."""
