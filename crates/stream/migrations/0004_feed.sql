-- What changed since a place that a reader keeps for itself is read from the facts of its key. An index by key would touch a
-- page of its own for every fact that is committed, and make writes by many people a third dearer. Instead, whoever runs the
-- stream copies the keys of 4,096 facts at a time, in order, behind the last: a run. A reader looks its key up in each run
-- since its place, and reads what is in no run yet as it lies.
create table fact_keys (
    run bigint not null,
    order_key bigint not null,
    number bigint not null,
    constraint fact_keys_pkey primary key (run, order_key, number)
) without rowid;
-- Up to where there are runs; what came before the first is not kept for readers by key.
insert into counters (name, value)
    select 'facts.keyed', coalesce(max(number), 0) - coalesce(max(number), 0) % 4096 from facts;
-- Up to which number facts are not there for readers by key: one who comes too late is told so instead of missing something.
insert into counters (name, value) select 'facts.swept', coalesce(min(number), 1) - 1 from facts;
update counters set value = (select coalesce(max(number), 0) - coalesce(max(number), 0) % 4096 from facts)
    where name = 'facts.swept'
    and value < (select coalesce(max(number), 0) - coalesce(max(number), 0) % 4096 from facts);
