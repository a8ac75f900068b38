DROP TRIGGER tg_pgqueuer_log_keeps_failures ON pgqueuer_log;

DROP FUNCTION drop_row();

DROP INDEX ix_webhook_logs_created_at;
