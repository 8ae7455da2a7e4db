-- How far what is said in a chat had come to a member, and when: a row for each step of a cursor and not for each
-- message. A message arrived (stage 0), or was read (stage 1), with the first row that reaches its place.
create table receipts (
    chat_id bigint not null,
    user_id bigint not null,
    stage bigint not null,
    upto_seq bigint not null,
    at bigint not null,
    constraint receipts_pkey primary key (chat_id, user_id, stage, upto_seq)
) without rowid;
