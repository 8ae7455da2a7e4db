-- What happened, told in the transaction in which it happened. The number stays null until after the commit: a reader
-- that remembers the last number it saw would otherwise pass over a row that commits late.
create table facts (
    number bigint,
    id bigint not null,
    topic varchar(40) not null,
    order_key bigint not null,
    kind varchar(40) not null,
    body text not null,
    created_at bigint not null,
    constraint facts_pkey primary key (id)
);
-- Serves consumers (the next facts by number) and the sequencer (those that have none, oldest first).
create unique index facts_number on facts (number, id);
