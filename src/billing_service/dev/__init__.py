"""Owns: the PostgreSQL and Valkey of `billing-service dev` and of the tests, and the one process of `dev`.

Does not own: any rule of billing; no deployed service runs this.
Calls down to: app, audit, demo, sandbox, schema, staff, timetable, worker.
"""
