"""Moving in: what the tables of the service before this one hold, taken over, proved and compared.

Owns the way from the old tables into ours, and the record of it. Does not own: any rule about money or access.
"""
