"""Owns: the panel: what the owner, finance and support see, and the forms by which they act.

Does not own: any rule, nor who may come in (`staff`). Calls down to: the stories that the API calls too.
"""
