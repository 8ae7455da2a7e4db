-- How far each group of consumers has come; moved in the transaction of the effect, and so effects happen once.
create table positions (
    consumer varchar(100) not null,
    topic varchar(40) not null,
    part bigint not null,
    position bigint not null,
    constraint positions_pkey primary key (consumer, topic, part)
);
-- Facts that a group could not handle, set aside so that those behind them go on.
create table parked_facts (
    consumer varchar(100) not null,
    number bigint not null,
    id bigint not null,
    topic varchar(40) not null,
    order_key bigint not null,
    kind varchar(40) not null,
    body text not null,
    created_at bigint not null,
    error text not null,
    parked_at bigint not null,
    constraint parked_facts_pkey primary key (consumer, number)
);
