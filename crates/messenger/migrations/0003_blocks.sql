-- Who does not want to hear of whom.
create table blocks (
    user_id bigint not null,
    blocked_id bigint not null,
    created_at bigint not null,
    constraint blocks_pkey primary key (user_id, blocked_id)
) without rowid;
