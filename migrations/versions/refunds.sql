-- A refund is an intent: written before the call, sent with its own id as the key, asked about until its outcome is
-- known. The release before knows the table and writes nothing into it.

ALTER TABLE refunds
    ADD COLUMN made_by TEXT DEFAULT 'cabinet' NOT NULL,
    ADD COLUMN shop_id TEXT,
    ADD COLUMN is_test BOOLEAN,
    ADD COLUMN access_stated BOOLEAN DEFAULT false NOT NULL,
    ADD COLUMN access_cut INTERVAL,
    ADD COLUMN applied_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN author TEXT,
    ADD COLUMN caller TEXT,
    ADD COLUMN idempotency_key TEXT,
    ADD COLUMN request_fingerprint TEXT,
    ADD COLUMN request_body BYTEA,
    ADD COLUMN first_sent_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN last_sent_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN send_lease_until TIMESTAMP WITH TIME ZONE,
    ADD COLUMN outcome_unknown BOOLEAN DEFAULT false NOT NULL,
    ADD COLUMN provider_error_id TEXT,
    ADD COLUMN provider_error_code TEXT,
    ADD COLUMN refusal TEXT,
    ADD COLUMN seen_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN next_ask_at TIMESTAMP WITH TIME ZONE DEFAULT billing_now() + interval '30 seconds',
    ADD COLUMN absent_since TIMESTAMP WITH TIME ZONE;

UPDATE refunds r SET shop_id = p.shop_id, is_test = p.is_test FROM payments p WHERE p.id = r.payment_id;

ALTER TABLE refunds
    ALTER COLUMN shop_id SET NOT NULL,
    ALTER COLUMN is_test SET NOT NULL,
    -- Unless it was stated, it is decided when the refund succeeds.
    ALTER COLUMN access DROP NOT NULL,
    ADD CONSTRAINT ck_refunds_made_by_known CHECK (made_by IN ('api', 'cabinet')),
    ADD CONSTRAINT ck_refunds_made_here_says_by_whom CHECK (
        made_by = 'cabinet' OR (author IS NOT NULL AND caller IS NOT NULL AND idempotency_key IS NOT NULL
            AND request_fingerprint IS NOT NULL)
    ),
    ADD CONSTRAINT ck_refunds_stated_access_is_known CHECK (NOT access_stated OR access IS NOT NULL),
    ADD CONSTRAINT ck_refunds_applied_once_succeeded CHECK (
        (applied_at IS NULL) = (access_cut IS NULL)
        AND (applied_at IS NULL OR (status = 'SUCCEEDED' AND access IS NOT NULL))
    ),
    ADD CONSTRAINT ck_refunds_only_access_is_cut CHECK (
        access_cut >= interval '0' AND (access <> 'keep' OR access_cut = interval '0')
    ),
    ADD CONSTRAINT ck_refunds_request_erased_once_known CHECK (status = 'PENDING' OR request_body IS NULL);

CREATE UNIQUE INDEX uq_refunds_idempotency_key ON refunds (caller, payment_id, idempotency_key)
    WHERE idempotency_key IS NOT NULL;
CREATE INDEX ix_refunds_next_ask_at ON refunds (next_ask_at) WHERE status = 'PENDING';

-- What we are about to send fits what was paid, whoever inserts it. What the provider has (it has an id there) can
-- always be recorded, above that too. The user's money is locked first, then the payment, as everywhere.
CREATE FUNCTION refund_fits_its_payment() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    refundable NUMERIC;
BEGIN
    PERFORM FROM subscriptions s JOIN payments p ON p.user_id = s.user_id
        WHERE p.id = NEW.payment_id FOR UPDATE OF s, p;
    SELECT p.amount - coalesce(sum(r.amount), 0) INTO refundable
        FROM payments p LEFT JOIN refunds r
            ON r.payment_id = p.id AND r.id <> NEW.id AND r.status IN ('PENDING', 'SUCCEEDED')
        WHERE p.id = NEW.payment_id AND p.status = 'SUCCEEDED' AND p.currency = NEW.currency
            AND (p.shop_id, p.is_test) = (NEW.shop_id, NEW.is_test)
        GROUP BY p.id;
    IF refundable IS NULL OR NEW.amount > refundable THEN
        RAISE EXCEPTION 'a refund of % does not fit its payment', NEW.amount USING
            ERRCODE = 'check_violation', SCHEMA = 'public', TABLE = 'refunds', CONSTRAINT = 'ck_refunds_fits_its_payment';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER refund_fits_its_payment BEFORE INSERT ON refunds
    FOR EACH ROW WHEN (NEW.status = 'PENDING' AND NEW.yookassa_refund_id IS NULL)
    EXECUTE FUNCTION refund_fits_its_payment();
CREATE TRIGGER refund_still_fits_its_payment BEFORE UPDATE OF payment_id, amount, currency, status ON refunds
    FOR EACH ROW WHEN (NEW.status = 'PENDING' AND NEW.yookassa_refund_id IS NULL
        AND (OLD.payment_id, OLD.amount, OLD.currency, OLD.status)
            IS DISTINCT FROM (NEW.payment_id, NEW.amount, NEW.currency, NEW.status))
    EXECUTE FUNCTION refund_fits_its_payment();
