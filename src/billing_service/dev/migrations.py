"""The newest migration, and one line for the ways in which a person's own database refuses it."""

from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError

from billing_service.dev.errors import CannotStart
from billing_service.schema.migrate import upgrade


def migrate(database_url: str) -> None:
    """Bring the database to the newest migration. Raises `CannotStart`; a migration that fails raises its own error."""
    try:
        upgrade(database_url)
    except OSError as error:
        raise CannotStart(
            f"the PostgreSQL of DATABASE_URL cannot be reached ({error.strerror or error})"
        ) from error
    except CommandError as error:
        raise CannotStart(
            f"the database belongs to another version of this code ({error}): begin with a new one"
        ) from error
    except DBAPIError as error:
        if error.statement:
            raise
        refusal = error.orig.__cause__ if error.orig else error
        raise CannotStart(f"the PostgreSQL of DATABASE_URL does not let us in ({refusal})") from error
