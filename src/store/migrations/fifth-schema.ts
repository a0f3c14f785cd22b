/** Deliveries that were imported. */
export const fifthSchema = `
-- What another store said of it, as JSON: its ids there, when it came, whether it verified. Nothing is decided by it.
CREATE TABLE imports (delivery_seq INTEGER PRIMARY KEY REFERENCES deliveries ON DELETE CASCADE, origin TEXT NOT NULL) STRICT;
`
