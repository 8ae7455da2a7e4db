-- Whoever is gone does not hide messages from themself any more.
-- Serves finding what somebody has hidden.
create index gone_messages_user on gone_messages (user_id, chat_id, seq);
