/** Hooks that an API makes. */
export const fourthSchema = `
-- Who made it, what later calls of its API need, how its renewal goes, and the key in its URL.
ALTER TABLE activations ADD COLUMN made_by TEXT NOT NULL DEFAULT 'hand';
ALTER TABLE activations ADD COLUMN slots TEXT NOT NULL DEFAULT '{}';
ALTER TABLE activations ADD COLUMN temporary INTEGER NOT NULL DEFAULT 0;
ALTER TABLE activations ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE activations ADD COLUMN next_at INTEGER;
ALTER TABLE activations ADD COLUMN why TEXT;
ALTER TABLE activations ADD COLUMN key_sealed BLOB;
`
