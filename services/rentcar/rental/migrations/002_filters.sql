-- Up Migration

-- The transaction that stored the rental: a page of a list ends before transactions that may still commit.
alter table rentals add column create_xid xid8 not null default '0';
alter table rentals alter column create_xid set default pg_current_xact_id();

create index rentals_by_status on rentals (status, create_time, rental_id);

-- Down Migration

drop index rentals_by_status;
alter table rentals drop column create_xid;
