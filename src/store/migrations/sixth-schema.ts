/** What a decision about sending rested on. */
export const sixthSchema = `
-- The rules that chose the target, as they were written, one a line: mostly one. Null where that was not kept yet.
ALTER TABLE forwards ADD COLUMN rule TEXT;
-- What a person changed for a replay, in words; null where it went as it came. Replays are 1, with the signature as it came 2.
ALTER TABLE attempts ADD COLUMN changed TEXT;
UPDATE attempts SET changed = 'changed', replay = 1 WHERE replay = 2;
`
