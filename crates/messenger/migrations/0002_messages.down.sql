drop table message_edits;
drop table gone_messages;
drop table message_keys;
drop table messages;
