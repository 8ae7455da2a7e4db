drop table wanted_addresses;
