"""Reads a text before anyone else does and says what the house rules make of it. Pure: no database, web or clock."""
