-- Notes which part asked for which instances, so that an instance can be looked up. Safe to repeat.
-- ARGV[1] ledger key prefix, [2] short ref: "<request sequence>.<position>", [3] ids (space between),
--   [4] look-up bucket of each id (space between)
-- include: instance-index.lua

index_instances(ARGV[1], ARGV[2], ARGV[3], ARGV[4])
return 1
