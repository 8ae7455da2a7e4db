delete from counters where name = 'facts.swept';
drop index facts_key on facts;
