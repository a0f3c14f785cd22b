/** Tokens that are refreshed, and what became of connections. */
export const seventhSchema = `
-- Grows with each refresh: who holds tokens of an older version looks again instead of refreshing.
ALTER TABLE token_sets ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
-- The refresh token that the present one came of, until that has worked itself.
ALTER TABLE token_sets ADD COLUMN earlier_sealed BLOB;
-- Which process refreshes it just now, and until when that is believed.
ALTER TABLE token_sets ADD COLUMN claimed_by TEXT;
ALTER TABLE token_sets ADD COLUMN claimed_until INTEGER;
-- When a refresh last failed in a way that may pass, and how, as JSON.
ALTER TABLE token_sets ADD COLUMN failed_at INTEGER;
ALTER TABLE token_sets ADD COLUMN failure TEXT;

-- The last time that the tenant consented: what a provider says of an earlier consent does not count.
ALTER TABLE connections ADD COLUMN consented_at INTEGER;
UPDATE connections SET consented_at = CASE state WHEN 'active' THEN changed_at ELSE created_at END;
-- Its token is a key that a person made, in place of a consent.
ALTER TABLE connections ADD COLUMN by_key INTEGER NOT NULL DEFAULT 0;
-- Each change of a connection's state, and the event by which it was told.
CREATE TABLE connection_changes (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, connection_seq INTEGER NOT NULL REFERENCES connections ON DELETE CASCADE,
  state TEXT NOT NULL, why TEXT, at INTEGER NOT NULL
) STRICT;
CREATE INDEX connection_changes_connection ON connection_changes (connection_seq);
-- The events that tell of a consent: they are no events of a provider's, and not counted as such.
CREATE INDEX events_life ON events (tenant_id) WHERE shape = 'whs-lifecycle';
`
