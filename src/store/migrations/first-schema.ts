/** The tables that a store began with. */
export const firstSchema = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
-- Grows with every change of apps, secrets, mappings, ignored accounts or rules: what caches hold on to.
INSERT INTO meta VALUES ('config_version', '1');

CREATE TABLE apps (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, provider TEXT NOT NULL, env TEXT NOT NULL,
  client_id TEXT, hosts TEXT NOT NULL DEFAULT '{}', settings TEXT NOT NULL DEFAULT '{}', created_at INTEGER NOT NULL,
  -- The public URL that was last said to be pasted into the portal, to notice when it moves.
  announced_url TEXT
) STRICT;

-- One of an app's secrets; a replaced one stays valid until valid_until.
CREATE TABLE secrets (
  id INTEGER PRIMARY KEY, app_id INTEGER NOT NULL REFERENCES apps ON DELETE CASCADE, name TEXT NOT NULL,
  value_sealed BLOB NOT NULL, fingerprint TEXT NOT NULL, created_at INTEGER NOT NULL, valid_until INTEGER
) STRICT;
CREATE INDEX secrets_app ON secrets (app_id, name);

CREATE TABLE tenants (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, created_at INTEGER NOT NULL) STRICT;

CREATE TABLE connections (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
  app_id INTEGER NOT NULL REFERENCES apps ON DELETE CASCADE,
  tenant_id INTEGER NOT NULL REFERENCES tenants ON DELETE CASCADE,
  state TEXT NOT NULL CHECK (state IN ('active', 'expiring', 'broken', 'revoked')),
  why TEXT, scopes TEXT NOT NULL DEFAULT '', access_sealed BLOB, refresh_sealed BLOB,
  access_expires_at INTEGER, refresh_expires_at INTEGER, created_at INTEGER NOT NULL, changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX connections_tenant ON connections (tenant_id);

-- Every account that was ever seen in a delivery or a consent. Its key is (app, kind, normalised value).
CREATE TABLE accounts (
  id INTEGER PRIMARY KEY, app_id INTEGER NOT NULL REFERENCES apps ON DELETE CASCADE,
  kind TEXT NOT NULL, value TEXT NOT NULL, name TEXT, first_seen_at INTEGER NOT NULL,
  UNIQUE (app_id, kind, value)
) STRICT;

-- Whose an account is. Several rows for one account: its events become one event per tenant.
CREATE TABLE mappings (
  id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
  tenant_id INTEGER NOT NULL REFERENCES tenants ON DELETE CASCADE,
  connection_seq INTEGER REFERENCES connections ON DELETE SET NULL,
  source TEXT NOT NULL CHECK (source IN ('connect', 'map')), proof TEXT, created_at INTEGER NOT NULL,
  UNIQUE (account_id, tenant_id)
) STRICT;
CREATE INDEX mappings_tenant ON mappings (tenant_id);

-- Accounts nobody wants to hear of; value '*' is every unknown account of the app. Counted, nothing else is kept.
CREATE TABLE ignored (
  app_id INTEGER NOT NULL REFERENCES apps ON DELETE CASCADE, value TEXT NOT NULL,
  times INTEGER NOT NULL DEFAULT 0, last_at INTEGER, PRIMARY KEY (app_id, value)
) STRICT, WITHOUT ROWID;

-- A consent on its way: made by connect, entered by a browser, finished by whichever whs process gets the callback.
CREATE TABLE consents (
  link_hash BLOB PRIMARY KEY, app_id INTEGER NOT NULL REFERENCES apps ON DELETE CASCADE,
  state TEXT NOT NULL CHECK (state IN ('open', 'begun', 'code', 'exchanging', 'done', 'failed')),
  wish TEXT NOT NULL, redirect_uri TEXT NOT NULL, scopes TEXT NOT NULL,
  cookie_hash BLOB, state_hash BLOB, verifier_sealed BLOB, callback_sealed BLOB, result TEXT,
  created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX consents_state ON consents (state_hash) WHERE state_hash IS NOT NULL;

CREATE TABLE deliveries (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, tail TEXT NOT NULL,
  app_id INTEGER NOT NULL REFERENCES apps ON DELETE CASCADE, received_at INTEGER NOT NULL,
  method TEXT NOT NULL, path TEXT NOT NULL, suffix TEXT NOT NULL, headers TEXT NOT NULL, body BLOB NOT NULL,
  status INTEGER NOT NULL, secret_fingerprint TEXT, verified TEXT NOT NULL, source TEXT NOT NULL,
  items INTEGER NOT NULL, parts INTEGER NOT NULL
) STRICT;
CREATE INDEX deliveries_tail ON deliveries (tail);

-- One change for one tenant. Its data is body[start, start + length) of its delivery.
CREATE TABLE events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, tail TEXT NOT NULL,
  delivery_seq INTEGER NOT NULL, app_id INTEGER NOT NULL REFERENCES apps ON DELETE CASCADE, received_at INTEGER NOT NULL,
  start INTEGER NOT NULL, length INTEGER NOT NULL, pointer TEXT NOT NULL, shape TEXT, part INTEGER NOT NULL,
  scope TEXT NOT NULL CHECK (scope IN ('tenant', 'parked', 'app')), reason TEXT, fault TEXT,
  tenant_id INTEGER REFERENCES tenants ON DELETE SET NULL, mapping_id INTEGER, account_id INTEGER REFERENCES accounts, place TEXT,
  provider_event TEXT, event TEXT, provider_event_id TEXT, derived_id TEXT, occurred_at TEXT,
  resource_type TEXT, resource_id TEXT, deleted_id TEXT,
  repeat_of INTEGER, repeats INTEGER NOT NULL DEFAULT 0, released_at INTEGER
) STRICT;
CREATE INDEX events_tail ON events (tail);
CREATE INDEX events_delivery ON events (delivery_seq);
CREATE INDEX events_fold ON events (account_id, provider_event_id) WHERE provider_event_id IS NOT NULL AND repeat_of IS NULL;
CREATE INDEX events_repeat ON events (repeat_of) WHERE repeat_of IS NOT NULL;
CREATE INDEX events_parked ON events (account_id) WHERE scope = 'parked';

-- The unit of relaying: the events (seqs as a JSON array) of one delivery for one tenant and one target.
CREATE TABLE forwards (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, delivery_seq INTEGER NOT NULL, tenant_id INTEGER REFERENCES tenants ON DELETE CASCADE,
  target TEXT NOT NULL, events TEXT NOT NULL, created_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'done', 'failed', 'final')),
  tries INTEGER NOT NULL DEFAULT 0, busy INTEGER NOT NULL DEFAULT 0, first_try_at INTEGER, next_at INTEGER,
  last_status INTEGER, last_error TEXT
) STRICT;
CREATE INDEX forwards_open ON forwards (seq) WHERE state = 'open';
CREATE INDEX forwards_delivery ON forwards (delivery_seq);
CREATE INDEX forwards_failed ON forwards (seq) WHERE state IN ('failed', 'final');

-- One try at a forward, or a person's replay (forward_seq null).
CREATE TABLE attempts (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, forward_seq INTEGER, delivery_seq INTEGER NOT NULL, tenant_id INTEGER, target TEXT NOT NULL,
  events TEXT NOT NULL, number INTEGER NOT NULL, replay INTEGER NOT NULL, at INTEGER NOT NULL, ms INTEGER NOT NULL,
  status INTEGER, error TEXT, next_at INTEGER, hint TEXT, answer_headers TEXT, answer_body BLOB
) STRICT;
CREATE INDEX attempts_delivery ON attempts (delivery_seq);

-- Requests that did not verify, bounded, beside everything else.
CREATE TABLE rejected (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, tail TEXT NOT NULL,
  app_id INTEGER NOT NULL REFERENCES apps ON DELETE CASCADE, received_at INTEGER NOT NULL,
  method TEXT NOT NULL, path TEXT NOT NULL, suffix TEXT NOT NULL, headers TEXT NOT NULL, body BLOB NOT NULL, bytes INTEGER NOT NULL,
  status INTEGER NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL, source TEXT NOT NULL
) STRICT;
CREATE INDEX rejected_app ON rejected (app_id, seq);
CREATE INDEX rejected_tail ON rejected (tail);

-- The one row of the present or last listener.
CREATE TABLE listener (
  one INTEGER PRIMARY KEY CHECK (one = 1), pid INTEGER, started_at INTEGER NOT NULL, port INTEGER NOT NULL, local_port INTEGER NOT NULL,
  public_url TEXT NOT NULL, tunnel TEXT NOT NULL, rules TEXT NOT NULL, filter TEXT NOT NULL, token_sealed BLOB NOT NULL
) STRICT;
`
