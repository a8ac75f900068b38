-- What somebody did in the panel, the newest first: few entries among those of every deed.
CREATE INDEX ix_audit_log_panel_author ON audit_log (author, id) WHERE caller = 'panel';
