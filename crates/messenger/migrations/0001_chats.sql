-- What people talk in. The last place given in a chat is in its row: a message takes the next one with the row's lock,
-- and so places have no gap.
create table chats (
    id bigint not null,
    kind bigint not null,
    title varchar(200),
    last_seq bigint not null,
    last_id bigint not null,
    version bigint not null,
    created_at bigint not null,
    updated_at bigint not null,
    constraint chats_pkey primary key (id)
);
-- The one chat of each two people, the lower id first; a chat with oneself has the same twice.
create table direct_chats (
    low_id bigint not null,
    high_id bigint not null,
    chat_id bigint not null,
    constraint direct_chats_pkey primary key (low_id, high_id)
) without rowid;
-- Who is in a chat, and how far they have read it. What a member wrote is counted, `own_read` up to `read_seq`, so that
-- what is unread is a difference and not a walk.
create table members (
    user_id bigint not null,
    chat_id bigint not null,
    pal_id bigint,
    standing bigint not null,
    joined_seq bigint not null,
    seen_from bigint not null,
    read_seq bigint not null,
    sent bigint not null,
    own_read bigint not null,
    joined_at bigint not null,
    constraint members_pkey primary key (user_id, chat_id)
) without rowid;
-- Serves who is in a chat.
create index members_chat on members (chat_id, user_id);
-- Times when somebody was a member and is not any more: after `from_seq`, up to `to_seq`.
create table stays (
    chat_id bigint not null,
    user_id bigint not null,
    from_seq bigint not null,
    to_seq bigint not null,
    constraint stays_pkey primary key (chat_id, user_id, from_seq)
) without rowid;
