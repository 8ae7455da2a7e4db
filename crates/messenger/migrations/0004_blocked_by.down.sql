drop index blocks_blocked on blocks;
