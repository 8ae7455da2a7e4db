-- Sessions that ended, and people whose older access tokens no longer count, for as long as such a token could live.
-- Every process that verifies tokens knows this list.
create table endings (
    id bigint not null,
    user_id bigint not null,
    session_id bigint,
    generation bigint,
    happened_at bigint not null,
    expires_at bigint not null,
    constraint endings_pkey primary key (id)
);
-- Serves the news that processes ask for twice a second.
create index endings_happened on endings (happened_at);
-- Serves the chore that clears away what no token can need any more.
create index endings_expires on endings (expires_at);
