DROP TABLE daily_audit_sides;
