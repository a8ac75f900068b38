"""Owns: the shape of the database, and which code may use it.

Does not own: any rule.
Calls down to: the models of every room that has a table.
"""
