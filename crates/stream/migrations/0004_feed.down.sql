delete from counters where name = 'facts.swept';
delete from counters where name = 'facts.keyed';
drop table fact_keys;
