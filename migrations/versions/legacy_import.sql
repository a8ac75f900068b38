-- What is taken over from the tables of the service before this one, and the proof that nothing was lost on the way.

-- A saved card comes without a consent: nobody may charge it before its owner agrees here. The release before writes
-- one always, and reads none of those that have none.
ALTER TABLE payment_methods ALTER COLUMN consent_id DROP NOT NULL;

-- What was refused here comes back by no import, whoever writes it.
CREATE FUNCTION refused_here_is_not_imported() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM subscriptions WHERE user_id = NEW.user_id FOR UPDATE;
    IF EXISTS (SELECT FROM payment_method_refusals WHERE user_id = NEW.user_id) THEN
        RAISE EXCEPTION 'this user has refused his payment methods here' USING
            ERRCODE = 'check_violation', SCHEMA = 'public', TABLE = 'payment_methods',
            CONSTRAINT = 'ck_payment_methods_refused_here_is_not_imported';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refused_here_is_not_imported BEFORE INSERT ON payment_methods
    FOR EACH ROW WHEN (NEW.consent_id IS NULL) EXECUTE FUNCTION refused_here_is_not_imported();

-- An import is told once a user, by whoever imports.
DROP TRIGGER tell_of_payment_method ON payment_methods;
CREATE TRIGGER tell_of_payment_method AFTER INSERT ON payment_methods
    FOR EACH ROW WHEN (NEW.consent_id IS NOT NULL) EXECUTE FUNCTION tell_of_payment_method();

CREATE TABLE legacy_imports (
    id BIGINT GENERATED ALWAYS AS IDENTITY NOT NULL,
    source TEXT NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    report JSONB,
    CONSTRAINT pk_legacy_imports PRIMARY KEY (id),
    CONSTRAINT ck_legacy_imports_finished_with_its_report CHECK ((finished_at IS NULL) = (report IS NULL))
);

-- The row of a user as it was there when it was last taken over, and the span that it became.
CREATE TABLE legacy_access (
    user_id BIGINT NOT NULL,
    plan_code TEXT NOT NULL,
    start_date TIMESTAMP WITH TIME ZONE NOT NULL,
    end_date TIMESTAMP WITH TIME ZONE NOT NULL,
    is_active BOOLEAN NOT NULL,
    span TSTZRANGE,
    period_id BIGINT,
    imported_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() NOT NULL,
    CONSTRAINT pk_legacy_access PRIMARY KEY (user_id),
    CONSTRAINT fk_legacy_access_user_id FOREIGN KEY (user_id) REFERENCES subscriptions (user_id),
    CONSTRAINT fk_legacy_access_period_id FOREIGN KEY (period_id) REFERENCES subscription_periods (id)
);

-- Whatever is otherwise here than it was there, and why, by the newest import.
CREATE TABLE legacy_differences (
    id BIGINT GENERATED ALWAYS AS IDENTITY NOT NULL,
    import_id BIGINT NOT NULL,
    about TEXT NOT NULL,
    subject TEXT NOT NULL,
    kind TEXT NOT NULL,
    user_id BIGINT,
    facts JSONB NOT NULL,
    CONSTRAINT pk_legacy_differences PRIMARY KEY (id),
    CONSTRAINT ck_legacy_differences_about_known CHECK (about IN ('plan', 'user', 'payment', 'refund')),
    CONSTRAINT fk_legacy_differences_import_id FOREIGN KEY (import_id) REFERENCES legacy_imports (id)
);
CREATE INDEX ix_legacy_differences_import_id_kind ON legacy_differences (import_id, kind);
