-- A day of looks that led to nothing ends in GIVEN_UP, a person's decision in CLOSED; jobs_ended names the row's next job.

ALTER TABLE webhook_logs
    ADD COLUMN jobs_ended INTEGER DEFAULT 0 NOT NULL,
    DROP CONSTRAINT ck_webhook_logs_status_known,
    DROP CONSTRAINT ck_webhook_logs_counts_not_negative;

ALTER TABLE webhook_logs
    ADD CONSTRAINT ck_webhook_logs_status_known CHECK (
        status IN ('RECEIVED', 'SUCCESS', 'FAILED', 'UNMATCHED', 'FOREIGN', 'GIVEN_UP', 'CLOSED')
    ),
    ADD CONSTRAINT ck_webhook_logs_counts_not_negative CHECK (attempts >= 0 AND looks >= 0 AND jobs_ended >= 0);

CREATE INDEX ix_webhook_logs_unsettled ON webhook_logs (created_at)
    WHERE status IN ('RECEIVED', 'UNMATCHED', 'GIVEN_UP');

DROP INDEX ix_webhook_logs_open;
