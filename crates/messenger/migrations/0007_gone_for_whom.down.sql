drop index gone_messages_user on gone_messages;
