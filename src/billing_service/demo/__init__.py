"""Owns: the demo of dev mode, a small site whose server side plays the main backend.

Does not own: any rule of billing: it knows only what our HTTP API answers, and no browser ever sees its token.
Calls down to: nothing.
"""
