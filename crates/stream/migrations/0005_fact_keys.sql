-- An index of facts by key touched a page of its own for every fact that was committed, which made writes by many people
-- a third dearer. Instead, whoever runs the stream copies the keys of 4,096 facts at a time, in order, behind the last:
-- a run. A reader looks its key up in each run since its place, and reads what is in no run yet as it lies.
drop index facts_key on facts;
create table fact_keys (
    run bigint not null,
    order_key bigint not null,
    number bigint not null,
    constraint fact_keys_pkey primary key (run, order_key, number)
) without rowid;
-- Up to where there are runs; what came before the first is not kept for readers by key.
insert into counters (name, value)
    select 'facts.keyed', coalesce(max(number), 0) - coalesce(max(number), 0) % 4096 from facts;
update counters set value = (select coalesce(max(number), 0) - coalesce(max(number), 0) % 4096 from facts)
    where name = 'facts.swept'
    and value < (select coalesce(max(number), 0) - coalesce(max(number), 0) % 4096 from facts);
