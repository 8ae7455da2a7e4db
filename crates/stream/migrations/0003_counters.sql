-- Numbers that must be counted one after the other: the last one given to a fact, whose lock makes sequencers take turns,
-- and the totals that facts add up to.
create table counters (
    name varchar(40) not null,
    value bigint not null,
    constraint counters_pkey primary key (name)
);
insert into counters (name, value) values ('facts', 0);
