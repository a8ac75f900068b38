DROP TRIGGER refund_still_fits_its_payment ON refunds;
DROP TRIGGER refund_fits_its_payment ON refunds;
DROP FUNCTION refund_fits_its_payment;
DROP INDEX ix_refunds_next_ask_at, uq_refunds_idempotency_key;

UPDATE refunds SET access = 'keep' WHERE access IS NULL;

ALTER TABLE refunds
    DROP CONSTRAINT ck_refunds_request_erased_once_known,
    DROP CONSTRAINT ck_refunds_only_access_is_cut,
    DROP CONSTRAINT ck_refunds_applied_once_succeeded,
    DROP CONSTRAINT ck_refunds_stated_access_is_known,
    DROP CONSTRAINT ck_refunds_made_here_says_by_whom,
    DROP CONSTRAINT ck_refunds_made_by_known,
    ALTER COLUMN access SET NOT NULL,
    DROP COLUMN made_by,
    DROP COLUMN shop_id,
    DROP COLUMN is_test,
    DROP COLUMN access_stated,
    DROP COLUMN access_cut,
    DROP COLUMN applied_at,
    DROP COLUMN author,
    DROP COLUMN caller,
    DROP COLUMN idempotency_key,
    DROP COLUMN request_fingerprint,
    DROP COLUMN request_body,
    DROP COLUMN first_sent_at,
    DROP COLUMN last_sent_at,
    DROP COLUMN send_lease_until,
    DROP COLUMN outcome_unknown,
    DROP COLUMN provider_error_id,
    DROP COLUMN provider_error_code,
    DROP COLUMN refusal,
    DROP COLUMN seen_at,
    DROP COLUMN next_ask_at,
    DROP COLUMN absent_since;
