DROP TABLE npd_registrations;
