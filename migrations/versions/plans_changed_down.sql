DROP INDEX ix_audit_log_action;
DROP TRIGGER plan_keeps_its_terms ON subscription_plans;
DROP FUNCTION plan_keeps_its_terms();
ALTER TABLE subscription_plans
    DROP CONSTRAINT ck_subscription_plans_old_price_above_price,
    DROP CONSTRAINT ck_subscription_plans_description_fits_a_receipt,
    DROP CONSTRAINT ck_subscription_plans_free_stays_free;
