/** Indexes for views: the kinds of events, and when they came. */
export const ninthSchema = `
CREATE INDEX events_kind ON events (app_id, scope, coalesce(event, ''), coalesce(provider_event, ''));
CREATE INDEX events_time ON events (received_at);
`
