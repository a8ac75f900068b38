#!/bin/sh
# For compose: the image of PostgreSQL runs it once, when it makes its data.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    --set owner="$POSTGRES_PASSWORD" --set service="$BILLING_SERVICE_PASSWORD" <<'SQL'
\i /roles/roles.sql
ALTER ROLE billing_owner PASSWORD :'owner';
ALTER ROLE billing_service PASSWORD :'service';
SQL
