/** What the API said of changed things, and whose a value is that deliveries name in the place of an account. */
export const tenthSchema = `
-- What one call brought (or that it failed, as JSON): exact bytes, and where the thing stands in them. Several events of one
-- thing share it. Without a status nothing was asked: the event says itself that the thing is gone.
CREATE TABLE records (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, ms INTEGER NOT NULL, status INTEGER, deleted INTEGER NOT NULL,
  call TEXT, body BLOB, start INTEGER NOT NULL, length INTEGER NOT NULL, failure TEXT, next_at INTEGER
) STRICT;
CREATE TABLE event_records (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, event_seq INTEGER NOT NULL REFERENCES events ON DELETE CASCADE,
  record_seq INTEGER NOT NULL REFERENCES records ON DELETE CASCADE
) STRICT;
CREATE INDEX event_records_event ON event_records (event_seq);
CREATE INDEX event_records_record ON event_records (record_seq);
CREATE TRIGGER records_die AFTER DELETE ON event_records BEGIN
  DELETE FROM records WHERE seq = old.record_seq AND NOT EXISTS (SELECT 1 FROM event_records WHERE record_seq = old.record_seq);
END;
-- Events whose thing is still to be fetched.
CREATE TABLE wanted_records (
  event_seq INTEGER PRIMARY KEY REFERENCES events ON DELETE CASCADE, tries INTEGER NOT NULL DEFAULT 0, next_at INTEGER NOT NULL
) STRICT;
CREATE INDEX wanted_records_next ON wanted_records (next_at);

-- What a call of the definition said of a value that deliveries name: for which account it stands (found), for none (nobody,
-- until ends_at), or that it is still asked (open). The connections that were asked already, and those of them that said
-- yes, as JSON.
CREATE TABLE resolutions (
  id INTEGER PRIMARY KEY, app_id INTEGER NOT NULL REFERENCES apps ON DELETE CASCADE, name TEXT NOT NULL, value TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'found', 'nobody')),
  account_id INTEGER REFERENCES accounts ON DELETE CASCADE, connection_seq INTEGER REFERENCES connections ON DELETE SET NULL,
  proof TEXT, asked TEXT NOT NULL DEFAULT '[]', yes TEXT NOT NULL DEFAULT '[]', upto INTEGER NOT NULL DEFAULT 0,
  tries INTEGER NOT NULL DEFAULT 0, next_at INTEGER NOT NULL, why TEXT, changed_at INTEGER NOT NULL, ends_at INTEGER,
  UNIQUE (app_id, name, value)
) STRICT;
CREATE INDEX resolutions_account ON resolutions (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX resolutions_connection ON resolutions (connection_seq) WHERE connection_seq IS NOT NULL;
-- The events that one decided, or that wait for it.
CREATE TABLE event_resolutions (
  event_seq INTEGER PRIMARY KEY REFERENCES events ON DELETE CASCADE,
  resolution_id INTEGER NOT NULL REFERENCES resolutions ON DELETE CASCADE
) STRICT;
CREATE INDEX event_resolutions_resolution ON event_resolutions (resolution_id);
-- What was found with the token of a consent counts no longer than that.
CREATE TRIGGER resolutions_end AFTER UPDATE OF state ON connections WHEN new.state = 'revoked' BEGIN
  UPDATE resolutions SET state = 'nobody', account_id = NULL, connection_seq = NULL, proof = NULL, asked = '[]', yes = '[]',
    why = 'the connection that said so has ended', ends_at = 0 WHERE connection_seq = new.seq;
END;
`
