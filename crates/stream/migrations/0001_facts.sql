-- What happened, told in the transaction in which it happened. One writer at a time gives each row its number in the
-- order of commits, and so consumers read by it. Servers hand numbers out before the commit: see the sibling.
create table facts (
    number bigint not null,
    id bigint not null,
    topic varchar(40) not null,
    order_key bigint not null,
    kind varchar(40) not null,
    body text not null,
    created_at bigint not null,
    constraint facts_pkey primary key (number)
);
