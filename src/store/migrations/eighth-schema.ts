/** What the providers' APIs were asked for: how our own deliveries came about, pings, cursors, what was caught up. */
export const eighthSchema = `
-- A delivery that nobody posted, such as an API's answer: how it came about, as JSON.
CREATE TABLE own_deliveries (delivery_seq INTEGER PRIMARY KEY REFERENCES deliveries ON DELETE CASCADE, facts TEXT NOT NULL) STRICT;

-- Events that only say that something changed; gone once the feed that says what has been read since.
CREATE TABLE pings (event_seq INTEGER PRIMARY KEY REFERENCES events ON DELETE CASCADE, feed TEXT NOT NULL) STRICT;

-- From where a feed of an app is to be read: for an account, a resource or a hook of one connection, or (null and empty) the
-- app itself. The cursor is the provider's own; of a feed that is read by time, the time (ms) since when that has failed.
CREATE TABLE feed_cursors (
  id INTEGER PRIMARY KEY, app_id INTEGER NOT NULL REFERENCES apps ON DELETE CASCADE, feed TEXT NOT NULL,
  connection_seq INTEGER REFERENCES connections ON DELETE CASCADE, place TEXT NOT NULL,
  cursor TEXT NOT NULL, read_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX feed_cursors_place ON feed_cursors (app_id, feed, coalesce(connection_seq, 0), place);
CREATE INDEX feed_cursors_connection ON feed_cursors (connection_seq) WHERE connection_seq IS NOT NULL;
-- Another consent, later, begins anew.
CREATE TRIGGER feed_cursors_end AFTER UPDATE OF state ON connections WHEN new.state = 'revoked' BEGIN
  DELETE FROM feed_cursors WHERE connection_seq = new.seq;
END;

-- What was caught up without an id of the provider's: a later delivery of it is told by account, resource and time (ms).
CREATE TABLE caught (
  account_id INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE, resource TEXT NOT NULL, at INTEGER NOT NULL,
  event_seq INTEGER NOT NULL REFERENCES events ON DELETE CASCADE, PRIMARY KEY (account_id, resource, at, event_seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX caught_event ON caught (event_seq);
`
