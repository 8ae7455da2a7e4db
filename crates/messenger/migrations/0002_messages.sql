-- What is said in a chat, in its one order: a page at any depth is a range of the table. A deleted message keeps its
-- place and loses its text.
create table messages (
    chat_id bigint not null,
    seq bigint not null,
    id bigint not null,
    user_id bigint not null,
    text text,
    version bigint not null,
    created_at bigint not null,
    edited_at bigint,
    deleted_at bigint,
    published_at bigint,
    processed_at bigint,
    constraint messages_pkey primary key (chat_id, seq)
) without rowid;
-- Serves one message by its id, and the marks that are made by id.
create unique index messages_id on messages (id);
-- Keys that clients gave their messages, so that one sent again is the same.
create table message_keys (
    user_id bigint not null,
    chat_id bigint not null,
    client_key varchar(64) not null,
    message_id bigint not null,
    constraint message_keys_pkey primary key (user_id, chat_id, client_key)
) without rowid;
-- Messages that are not to be seen any more, by all (user 0) or by one. There are few of them; those behind a reader's
-- place are not unread.
create table gone_messages (
    chat_id bigint not null,
    user_id bigint not null,
    seq bigint not null,
    writer_id bigint not null,
    constraint gone_messages_pkey primary key (chat_id, user_id, seq)
) without rowid;
-- What messages said before they were edited.
create table message_edits (
    message_id bigint not null,
    version bigint not null,
    text text not null,
    written_at bigint not null,
    constraint message_edits_pkey primary key (message_id, version)
) without rowid;
