-- Two roles, neither of them a superuser: billing_owner migrates, billing_service is what API and worker are. Run once, by
-- an administrator, in the empty database; give both their passwords (ALTER ROLE … PASSWORD), see docs/operations.md.

CREATE ROLE billing_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
CREATE ROLE billing_service LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;

-- The owner makes the tables, and the extension btree_gist, which PostgreSQL trusts the owner of a database with.
DO $$ BEGIN
    EXECUTE format('ALTER DATABASE %I OWNER TO billing_owner', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO billing_service', current_database());
END $$;
ALTER SCHEMA public OWNER TO billing_owner;
GRANT USAGE ON SCHEMA public TO billing_service;

-- Whatever the owner makes from now on, by any migration: rows may be read and written, nothing may be changed in shape.
ALTER DEFAULT PRIVILEGES FOR ROLE billing_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO billing_service;
ALTER DEFAULT PRIVILEGES FOR ROLE billing_owner IN SCHEMA public
    GRANT USAGE ON SEQUENCES TO billing_service;
