drop table task_walks;
drop table task_texts;
drop table task_words;
