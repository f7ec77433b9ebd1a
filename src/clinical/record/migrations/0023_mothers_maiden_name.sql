-- Patients are filled in again, so that they are found by their mother's maiden name.
DROP INDEX resource_reindex;
CREATE INDEX resource_reindex ON resource (rid) WHERE indexed_as < 2;
