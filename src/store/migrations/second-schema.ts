/** Activations, token sets, keys, custom providers. `reseal(sealed, place, place)` is a function of ours that opens what was sealed for one place and seals it for the other. */
export const secondSchema = `
-- What a consent gave. Several connections may live of one set, which dies with the last of them.
CREATE TABLE token_sets (
  id INTEGER PRIMARY KEY AUTOINCREMENT, access_sealed BLOB, refresh_sealed BLOB,
  access_expires_at INTEGER, refresh_expires_at INTEGER, changed_at INTEGER NOT NULL
) STRICT;
INSERT INTO token_sets (id, access_sealed, refresh_sealed, access_expires_at, refresh_expires_at, changed_at)
  SELECT seq, reseal(access_sealed, 'connections/' || seq || '/access', 'token_sets/' || seq || '/access'),
    reseal(refresh_sealed, 'connections/' || seq || '/refresh', 'token_sets/' || seq || '/refresh'),
    access_expires_at, refresh_expires_at, changed_at
  FROM connections WHERE access_sealed IS NOT NULL OR refresh_sealed IS NOT NULL;
ALTER TABLE connections ADD COLUMN token_set_id INTEGER REFERENCES token_sets ON DELETE SET NULL;
-- What was asked or learned for this tenant, by the names of slots.
ALTER TABLE connections ADD COLUMN slots TEXT NOT NULL DEFAULT '{}';
UPDATE connections SET token_set_id = seq WHERE seq IN (SELECT id FROM token_sets);
ALTER TABLE connections DROP COLUMN access_sealed;
ALTER TABLE connections DROP COLUMN refresh_sealed;
ALTER TABLE connections DROP COLUMN access_expires_at;
ALTER TABLE connections DROP COLUMN refresh_expires_at;
CREATE INDEX connections_tokens ON connections (token_set_id);
CREATE TRIGGER tokens_die_deleted AFTER DELETE ON connections WHEN old.token_set_id IS NOT NULL BEGIN
  DELETE FROM token_sets WHERE id = old.token_set_id AND id NOT IN (SELECT token_set_id FROM connections WHERE token_set_id IS NOT NULL);
END;
CREATE TRIGGER tokens_die_changed AFTER UPDATE OF token_set_id ON connections
  WHEN old.token_set_id IS NOT NULL AND old.token_set_id IS NOT new.token_set_id BEGIN
  DELETE FROM token_sets WHERE id = old.token_set_id AND id NOT IN (SELECT token_set_id FROM connections WHERE token_set_id IS NOT NULL);
END;

-- A subscription that exists at the provider, or is about to. What its key or secret verifies is its tenant's or nobody's.
CREATE TABLE activations (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
  app_id INTEGER NOT NULL REFERENCES apps ON DELETE CASCADE, tenant_id INTEGER REFERENCES tenants ON DELETE CASCADE,
  connection_seq INTEGER REFERENCES connections ON DELETE SET NULL,
  -- The provider's own id of it, and the account kind whose values are such ids.
  kind TEXT, provider_id TEXT, resource TEXT, key_hash BLOB UNIQUE, url TEXT,
  state TEXT NOT NULL CHECK (state IN ('pending', 'active', 'gone')),
  created_at INTEGER NOT NULL, expires_at INTEGER, last_at INTEGER
) STRICT;
CREATE INDEX activations_app ON activations (app_id);
CREATE INDEX activations_tenant ON activations (tenant_id);
CREATE INDEX activations_connection ON activations (connection_seq);
ALTER TABLE secrets ADD COLUMN activation_id INTEGER REFERENCES activations ON DELETE CASCADE;
CREATE INDEX secrets_activation ON secrets (activation_id) WHERE activation_id IS NOT NULL;

CREATE TABLE new_mappings (
  id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
  tenant_id INTEGER NOT NULL REFERENCES tenants ON DELETE CASCADE,
  connection_seq INTEGER REFERENCES connections ON DELETE SET NULL,
  source TEXT NOT NULL CHECK (source IN ('connect', 'map', 'activate', 'learned')), proof TEXT, created_at INTEGER NOT NULL,
  UNIQUE (account_id, tenant_id)
) STRICT;
INSERT INTO new_mappings SELECT id, account_id, tenant_id, connection_seq, source, proof, created_at FROM mappings;
DROP TABLE mappings;
ALTER TABLE new_mappings RENAME TO mappings;
CREATE INDEX mappings_tenant ON mappings (tenant_id);

-- Which scheme of the definition verified it, over which callback URL, and the activation whose key or secret it came with.
ALTER TABLE deliveries ADD COLUMN scheme INTEGER;
ALTER TABLE deliveries ADD COLUMN url TEXT;
ALTER TABLE deliveries ADD COLUMN activation_id INTEGER;
-- The activation that bounds whose an event may be, and its tenant, who alone may ever get it.
ALTER TABLE events ADD COLUMN activation_id INTEGER;
ALTER TABLE events ADD COLUMN bound_tenant_id INTEGER REFERENCES tenants ON DELETE CASCADE;
CREATE INDEX events_bound ON events (bound_tenant_id) WHERE bound_tenant_id IS NOT NULL;
-- The accounts of a parked event that names several which must agree, in order.
CREATE TABLE event_accounts (
  event_seq INTEGER NOT NULL REFERENCES events ON DELETE CASCADE, account_id INTEGER NOT NULL REFERENCES accounts,
  position INTEGER NOT NULL, place TEXT NOT NULL, PRIMARY KEY (event_seq, account_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_accounts_account ON event_accounts (account_id);

-- The definition that an app was made with.
ALTER TABLE apps ADD COLUMN definition_hash TEXT;
CREATE TABLE custom_providers (
  id TEXT PRIMARY KEY, definition TEXT NOT NULL, hash TEXT NOT NULL, added_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- Keys that providers publish (JWKS, RFC 7517).
CREATE TABLE public_keys (
  url TEXT NOT NULL, kid TEXT NOT NULL, key TEXT NOT NULL, fetched_at INTEGER NOT NULL, PRIMARY KEY (url, kid)
) STRICT, WITHOUT ROWID;

UPDATE consents SET result = json_object('ok', json('true'), 'connections', json_array(json_extract(result, '$.connection')))
  WHERE state = 'done';
`
