-- What came of requests that may be repeated, written in the transaction in which it came: a key is here exactly if
-- what it made is. `first_id` and `items` say what that is; `body_hash` tells a repetition from another request.
create table idempotency_keys (
    caller_id bigint not null,
    route varchar(200) not null,
    name varchar(255) not null,
    body_hash blob not null,
    first_id bigint not null,
    items bigint not null,
    created_at bigint not null,
    constraint idempotency_keys_pkey primary key (caller_id, route, name)
) without rowid;
-- Serves the search for keys that are old enough to be forgotten.
create index idempotency_keys_created on idempotency_keys (created_at);
