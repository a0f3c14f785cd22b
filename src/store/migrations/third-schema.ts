/** Ids without an index, indexes for views of one tenant or account, what a hook taught. */
export const thirdSchema = `
-- Ids are made of a row's number now; the indexes "given" hold those that earlier versions stored.
INSERT INTO meta VALUES ('id_salt', hex(randomblob(16)));
INSERT INTO meta SELECT 'events_given', coalesce(max(seq), 0) FROM events;
DROP INDEX deliveries_tail;
DROP INDEX events_tail;
DROP INDEX rejected_tail;
ALTER TABLE deliveries DROP COLUMN tail;
ALTER TABLE events DROP COLUMN tail;
ALTER TABLE rejected DROP COLUMN tail;
CREATE INDEX deliveries_given ON deliveries (id) WHERE id <> '';
CREATE INDEX events_given ON events (id) WHERE id <> '';
CREATE INDEX rejected_given ON rejected (id) WHERE id <> '';

-- The tenant's own hook that taught it: no proof for anybody else's delivery.
ALTER TABLE mappings ADD COLUMN taught_by INTEGER REFERENCES activations ON DELETE CASCADE;
CREATE INDEX mappings_connection ON mappings (connection_seq) WHERE connection_seq IS NOT NULL;
CREATE INDEX mappings_taught ON mappings (taught_by) WHERE taught_by IS NOT NULL;
-- The activation whose key stood in the URL: with its secret the request may yet verify.
ALTER TABLE rejected ADD COLUMN activation_id INTEGER;
CREATE INDEX events_tenant ON events (tenant_id, received_at);
DROP INDEX events_fold;
CREATE INDEX events_account ON events (account_id, provider_event_id);
`
