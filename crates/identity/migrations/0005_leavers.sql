-- People whose deletion has begun, until they come back or their days of grace are over: few among all the others.
create table leavers (
    user_id bigint not null,
    left_at bigint not null,
    constraint leavers_pkey primary key (user_id)
);
-- Serves the chore that removes those whose days of grace are over.
create index leavers_left on leavers (left_at);
