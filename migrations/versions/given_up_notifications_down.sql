UPDATE webhook_logs SET status = 'RECEIVED' WHERE status = 'GIVEN_UP';

UPDATE webhook_logs SET status = 'FOREIGN' WHERE status = 'CLOSED';

CREATE INDEX ix_webhook_logs_open ON webhook_logs (created_at) WHERE status IN ('RECEIVED', 'UNMATCHED');

DROP INDEX ix_webhook_logs_unsettled;

ALTER TABLE webhook_logs
    DROP CONSTRAINT ck_webhook_logs_status_known,
    DROP CONSTRAINT ck_webhook_logs_counts_not_negative,
    DROP COLUMN jobs_ended;

ALTER TABLE webhook_logs
    ADD CONSTRAINT ck_webhook_logs_status_known
        CHECK (status IN ('RECEIVED', 'SUCCESS', 'FAILED', 'UNMATCHED', 'FOREIGN')),
    ADD CONSTRAINT ck_webhook_logs_counts_not_negative CHECK (attempts >= 0 AND looks >= 0);
