-- What a user agreed to stays as he gave it, but for what says who he is: that may go, and only go.
CREATE OR REPLACE FUNCTION consent_stays_as_given() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    person CONSTANT text[] := ARRAY['payer_ip', 'payer_agent'];
    withdrawal CONSTANT text[] := ARRAY['withdrawn_at', 'withdrawn_by'];
    given_then CONSTANT jsonb := to_jsonb(OLD);
    given_now CONSTANT jsonb := to_jsonb(NEW);
BEGIN
    IF num_nonnulls(NEW.payer_ip, NEW.payer_agent) = 0 AND given_now - person = given_then - person THEN
        RETURN NEW;
    END IF;
    IF OLD.withdrawn_at IS NOT NULL OR given_now - withdrawal <> given_then - withdrawal THEN
        RAISE EXCEPTION 'a consent can be withdrawn once, and not be changed' USING
            ERRCODE = 'check_violation', SCHEMA = 'public', TABLE = 'consents',
            CONSTRAINT = 'ck_consents_stays_as_given';
    END IF;
    RETURN NEW;
END $$;
