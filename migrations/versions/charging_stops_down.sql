DROP TABLE charging_stops;
