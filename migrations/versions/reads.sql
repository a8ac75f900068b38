-- What the main backend reads of many users at once, and the figures over all of them, by indexes that hold what is asked.

-- Each change of who is PRO, as the periods lie now: `new` (the first days of a user ever), `renewed` (days behind days),
-- `returned` (after a pause), `lost` (no days behind). Those that are still to come stand here too. What is new and what
-- returned, less what was lost, is who is PRO. No rule of access reads it.
CREATE TABLE access_changes (
    period_id BIGINT NOT NULL,
    change TEXT NOT NULL,
    user_id BIGINT NOT NULL,
    plan_code TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_access_changes PRIMARY KEY (period_id, change),
    CONSTRAINT ck_access_changes_change_known CHECK (change IN ('new', 'renewed', 'returned', 'lost')),
    CONSTRAINT fk_access_changes_period_id FOREIGN KEY (period_id) REFERENCES subscription_periods (id)
);

CREATE INDEX ix_access_changes_change_at ON access_changes (change, at) INCLUDE (plan_code);
CREATE INDEX ix_access_changes_user_id ON access_changes (user_id);

-- The changes of these users, out of their periods.
CREATE FUNCTION access_changes_of(p_users bigint[])
RETURNS TABLE (period_id bigint, change text, user_id bigint, plan_code text, at timestamptz)
LANGUAGE sql STABLE AS $$
    WITH spans AS (
        SELECT s.id, s.user_id, s.plan_code, lower(s.span) AS begins, upper(s.span) AS ends
        FROM subscription_periods s
        WHERE s.user_id = ANY (p_users) AND NOT isempty(s.span) AND gives_pro(s.plan_code, s.chain)
    ), laid AS (
        SELECT *, max(ends) OVER earlier AS reached, lead(begins) OVER in_order AS next_begins,
            max(ends) OVER so_far AS reaches
        FROM spans
        WINDOW in_order AS (PARTITION BY user_id ORDER BY begins, id),
            so_far AS (in_order ROWS UNBOUNDED PRECEDING),
            earlier AS (in_order ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    )
    SELECT id, CASE WHEN reached IS NULL THEN 'new' WHEN reached < begins THEN 'returned' ELSE 'renewed' END,
        user_id, plan_code, begins
    FROM laid
    UNION ALL
    SELECT id, 'lost', user_id, plan_code, reaches FROM laid WHERE next_begins IS NULL OR next_begins > reaches
$$;

CREATE FUNCTION note_access_changes(p_users bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM access_changes WHERE user_id = ANY (p_users);
    INSERT INTO access_changes (period_id, change, user_id, plan_code, at) SELECT * FROM access_changes_of(p_users);
END $$;

-- Whoever writes periods holds their user's lock, so that nobody else rewrites the same rows meanwhile.
CREATE FUNCTION periods_change_access() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_access_changes(ARRAY(SELECT DISTINCT user_id FROM new_periods));
    RETURN NULL;
END $$;
CREATE TRIGGER new_periods_change_access AFTER INSERT ON subscription_periods
    REFERENCING NEW TABLE AS new_periods FOR EACH STATEMENT EXECUTE FUNCTION periods_change_access();
CREATE TRIGGER moved_periods_change_access AFTER UPDATE ON subscription_periods
    REFERENCING NEW TABLE AS new_periods FOR EACH STATEMENT EXECUTE FUNCTION periods_change_access();

-- Days of the test shop stop counting with the first process of a live one, and may count again.
CREATE FUNCTION shop_changes_access() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    known bigint;
BEGIN
    FOR known IN SELECT DISTINCT user_id FROM subscription_periods WHERE is_test ORDER BY user_id LOOP
        PERFORM FROM subscriptions WHERE user_id = known FOR UPDATE;
        PERFORM note_access_changes(ARRAY[known]);
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER shop_changes_access AFTER UPDATE OF is_test ON shop_in_force
    FOR EACH ROW WHEN (OLD.is_test <> NEW.is_test) EXECUTE FUNCTION shop_changes_access();

-- Whoever was here before. Nobody writes periods meanwhile: the triggers above have locked them.
SELECT note_access_changes(ARRAY(SELECT DISTINCT user_id FROM subscription_periods));

-- Who is PRO from one user on, and whose access ended since: in place of the index on the user alone, which it holds.
CREATE INDEX ix_subscription_periods_user_id_ends ON subscription_periods (user_id, upper(span));
DROP INDEX ix_subscription_periods_user_id;
CREATE INDEX ix_subscription_periods_ends ON subscription_periods (upper(span));

-- Money of a span of days without a look at the rows themselves: the same index as before, holding more.
DROP INDEX ix_payments_paid_at;
CREATE INDEX ix_payments_paid_at ON payments (paid_at) INCLUDE (is_test, plan_code, currency, amount)
    WHERE status = 'SUCCEEDED';
CREATE INDEX ix_payments_canceled ON payments (updated_at) INCLUDE (is_test, cancellation_party, cancellation_reason)
    WHERE status = 'CANCELED';
CREATE INDEX ix_payments_open_of_user ON payments (user_id) WHERE status IN ('PENDING', 'WAITING_FOR_CAPTURE');
CREATE INDEX ix_outbox_events_limit_reached ON outbox_events (occurred_at) WHERE kind = 'usage.limit_reached';

-- Whose plan is in force, of everybody who has one: the same rule as `plan_in_force`.
CREATE FUNCTION periods_in_force(p_at timestamptz) RETURNS SETOF subscription_periods LANGUAGE sql STABLE AS $$
    SELECT DISTINCT ON (user_id) * FROM subscription_periods
    WHERE upper(span) > p_at AND lower(span) <= p_at AND (chain <> 'test' OR test_days_count())
    ORDER BY user_id, chain = 'check', chain DESC
$$;
