-- For a PgBouncer in transaction mode: what the service sets on a connection of its own is the role's by default, because
-- there every transaction may get another connection. Run once, by an administrator, after roles.sql. API and worker
-- read it back when they start, and refuse other values.

ALTER ROLE billing_service SET default_transaction_isolation = 'read committed';
ALTER ROLE billing_service SET "TimeZone" = 'UTC';
ALTER ROLE billing_service SET jit = 'off';
ALTER ROLE billing_service SET statement_timeout = '8s';
ALTER ROLE billing_service SET lock_timeout = '7s';
ALTER ROLE billing_service SET idle_in_transaction_session_timeout = '20s';
ALTER ROLE billing_service SET synchronous_commit = 'on';
