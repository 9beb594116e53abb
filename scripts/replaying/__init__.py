"""The parts of `scripts/replay`: a browser of our own, the cast, the corpus as posts, the reading, the desk."""
