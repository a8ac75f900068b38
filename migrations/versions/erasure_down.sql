CREATE OR REPLACE FUNCTION consent_stays_as_given() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.withdrawn_at IS NOT NULL
        OR to_jsonb(NEW) - ARRAY['withdrawn_at', 'withdrawn_by'] <> to_jsonb(OLD) - ARRAY['withdrawn_at', 'withdrawn_by']
    THEN
        RAISE EXCEPTION 'a consent can be withdrawn once, and not be changed' USING
            ERRCODE = 'check_violation', SCHEMA = 'public', TABLE = 'consents',
            CONSTRAINT = 'ck_consents_stays_as_given';
    END IF;
    RETURN NEW;
END $$;
