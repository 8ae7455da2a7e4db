drop table webhook_secrets;
