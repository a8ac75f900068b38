-- Plans are changed by people, through the service; what makes a plan that plan is held here, whoever writes.

-- What was written by hand until now: an old price that was none, and what is no text for a receipt.
UPDATE subscription_plans SET old_price = NULL WHERE old_price <= price;
UPDATE subscription_plans SET description = left(coalesce(nullif(btrim(description), ''), code), 128)
    WHERE char_length(description) NOT BETWEEN 1 AND 128;

ALTER TABLE subscription_plans
    ADD CONSTRAINT ck_subscription_plans_old_price_above_price CHECK (old_price > price),
    ADD CONSTRAINT ck_subscription_plans_description_fits_a_receipt
        CHECK (char_length(description) BETWEEN 1 AND 128),
    ADD CONSTRAINT ck_subscription_plans_free_stays_free CHECK (
        code <> 'FREE' OR (price = 0 AND old_price IS NULL AND duration_days = 0 AND is_active AND NOT is_test)
    );

-- A plan that anybody has, or may still pay for, keeps its length; every plan keeps its name and stays a test or none.
-- Our own insert of a payment or period holds the row (FOR KEY SHARE): whoever changes the terms waits for it, and the
-- next statement sees it.
CREATE FUNCTION plan_keeps_its_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM subscription_plans WHERE code = OLD.code FOR UPDATE;
    IF NEW.code <> OLD.code OR NEW.is_test <> OLD.is_test
        OR EXISTS (SELECT FROM payments WHERE plan_code = OLD.code)
        OR EXISTS (SELECT FROM subscription_periods WHERE plan_code = OLD.code)
    THEN
        RAISE EXCEPTION 'the terms of the plan % are frozen', OLD.code USING ERRCODE = 'check_violation',
            SCHEMA = 'public', TABLE = 'subscription_plans', CONSTRAINT = 'ck_subscription_plans_terms_frozen';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER plan_keeps_its_terms BEFORE UPDATE ON subscription_plans
    FOR EACH ROW WHEN ((NEW.code, NEW.duration_days, NEW.is_test) IS DISTINCT FROM (OLD.code, OLD.duration_days, OLD.is_test))
    EXECUTE FUNCTION plan_keeps_its_terms();

-- The history of a plan: few entries among those of every deed.
CREATE INDEX ix_audit_log_action ON audit_log (action);
