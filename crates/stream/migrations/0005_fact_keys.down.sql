delete from counters where name = 'facts.keyed';
drop table fact_keys;
create index facts_key on facts (order_key, number);
