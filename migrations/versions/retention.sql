-- Old notifications are found by their age.
CREATE INDEX ix_webhook_logs_created_at ON webhook_logs (created_at);

-- The job library logs each step of each job: an abandoned checkout was 210 rows that nobody ever read. It has no switch
-- for that, so the steps that went well are dropped where they arrive; its log keeps what failed, was canceled or deleted.
CREATE FUNCTION drop_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;

CREATE TRIGGER tg_pgqueuer_log_keeps_failures BEFORE INSERT ON pgqueuer_log
    FOR EACH ROW WHEN (NEW.status IN ('queued', 'picked', 'successful')) EXECUTE FUNCTION drop_row();
