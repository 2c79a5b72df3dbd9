-- Up Migration

-- The transaction that stored the reservation: a page of a list ends before transactions that may still commit.
alter table reservations add column create_xid xid8 not null default '0';
alter table reservations alter column create_xid set default pg_current_xact_id();

create index reservations_by_car on reservations (car_id, create_time, reservation_id);
create index reservations_by_status on reservations (status, create_time, reservation_id);

-- One row: which reservations HoldsConfirmed has reported.
create table confirmation_report (
  report_time timestamptz not null,
  -- Transactions before this one are reported.
  reported_xid xid8 not null
);
insert into confirmation_report (report_time, reported_xid) values (now(), pg_snapshot_xmin(pg_current_snapshot()));

-- Down Migration

drop table confirmation_report;
drop index reservations_by_status;
drop index reservations_by_car;
alter table reservations drop column create_xid;
