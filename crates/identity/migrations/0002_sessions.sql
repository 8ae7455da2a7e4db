-- Where people are signed in. Tokens name their session, so that it can be ended.
create table sessions (
    owner_id bigint not null,
    id bigint not null,
    agent varchar(200) not null,
    address varchar(45) not null,
    created_at bigint not null,
    expires_at bigint not null,
    constraint sessions_pkey primary key (owner_id, id)
) without rowid;
