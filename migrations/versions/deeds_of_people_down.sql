DROP INDEX ix_audit_log_panel_author;
