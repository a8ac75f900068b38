"""Why something of the development machinery could not start."""


class CannotStart(Exception):
    """The message is one line that tells the person at the keyboard what is wrong and what to do."""


class FolderUnusable(CannotStart):
    """This folder can never hold the data, whoever waits: another one could."""
