ALTER FUNCTION note_access_changes(bigint[]) RESET ALL;
