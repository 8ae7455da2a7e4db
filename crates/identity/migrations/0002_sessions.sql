-- Where people are signed in. Tokens name their session, so that it can be ended. Of refresh tokens only hashes are kept:
-- of the one that is good now, and of the one before, which is honoured while its successor is unused.
create table sessions (
    owner_id bigint not null,
    id bigint not null,
    agent varchar(200) not null,
    address varchar(45) not null,
    created_at bigint not null,
    seen_at bigint not null,
    expires_at bigint not null,
    rotation bigint not null,
    rotated_at bigint not null,
    used bigint not null,
    current_hash blob not null,
    previous_hash blob,
    constraint sessions_pkey primary key (owner_id, id)
) without rowid;
-- Serves the chore that clears away sessions whose time is over.
create index sessions_expires on sessions (expires_at);
-- Serves whoever ends a session by its number alone.
create unique index sessions_id on sessions (id);
