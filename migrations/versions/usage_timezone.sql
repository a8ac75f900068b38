-- Whose midnight ends a day: one zone for every process of this database, kept by the first that starts.

CREATE TABLE usage_timezone (
    name TEXT NOT NULL,
    singleton BOOLEAN DEFAULT true NOT NULL,
    CONSTRAINT pk_usage_timezone PRIMARY KEY (singleton),
    CONSTRAINT ck_usage_timezone_singleton CHECK (singleton)
);

-- Whether AT TIME ZONE takes this name: PostgreSQL and Python read different lists of them.
CREATE FUNCTION is_time_zone(p_name text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    PERFORM now() AT TIME ZONE p_name;
    RETURN true;
EXCEPTION WHEN invalid_parameter_value THEN
    RETURN false;
END $$;
