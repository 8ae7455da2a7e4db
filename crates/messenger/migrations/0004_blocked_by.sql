-- Whoever is gone is on nobody's list any more.
-- Serves finding who blocks somebody.
create index blocks_blocked on blocks (blocked_id, user_id);
