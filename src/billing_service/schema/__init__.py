"""Owns: the shape of the database and which code may use it. Does not own: any rule. Calls down to: every table."""
