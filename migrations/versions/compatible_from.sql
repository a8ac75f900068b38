-- Which code may use this database: the oldest migration that its code must know. A migration that only adds leaves it
-- alone, so that processes of the release before go on working, can be restarted and rolled back to; one that takes
-- something away raises it (schema/migrate.contract), once no such process runs any more.

CREATE TABLE schema_compatibility (
    compatible_from TEXT NOT NULL,
    singleton BOOLEAN DEFAULT true NOT NULL,
    CONSTRAINT pk_schema_compatibility PRIMARY KEY (singleton),
    CONSTRAINT ck_schema_compatibility_singleton CHECK (singleton)
);

INSERT INTO schema_compatibility (compatible_from) VALUES ('0017');
