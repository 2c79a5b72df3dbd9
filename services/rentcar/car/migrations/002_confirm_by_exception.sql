-- Up Migration

-- When the stock was taken, or given back if that came first. Holds of one process arrive in this order.
alter table holds add column take_time timestamptz not null default now();

drop index holds_to_ask_about;
drop index holds_by_car;
alter table holds drop column ask_time;

-- Updates of a hold keep to their page (HOT), since the index summarises ranges of pages and no predicate names the state.
alter table holds set (fillfactor = 85);
create index holds_by_take_time on holds using brin (take_time) with (pages_per_range = 16, autosummarize = on);

-- One row. Holds taken before asked_until were confirmed, released or asked about.
create table hold_review (
  -- Up to when the reservation service has reported its reservations, by HoldsConfirmed.
  confirmed_until timestamptz not null,
  asked_until timestamptz not null
);
insert into hold_review (confirmed_until, asked_until) values (now(), '-infinity');

-- The version that the last StockUpdated event carried.
alter table cars add column published_version bigint not null default 0;

-- The transaction that registered the car: a page of a list ends before transactions that may still commit.
alter table cars add column create_xid xid8 not null default '0';
alter table cars alter column create_xid set default pg_current_xact_id();

-- Changes only when stock runs out or returns, so that other updates of the quantity stay HOT.
alter table cars add column in_stock boolean not null generated always as (qty > 0) stored;
create index cars_in_stock on cars (create_time, car_id) where in_stock;
create index cars_by_name on cars (car_name, create_time, car_id);
alter table cars set (fillfactor = 50);

-- Down Migration

alter table cars drop column published_version;
drop index cars_in_stock;
drop index cars_by_name;
alter table cars drop column in_stock;
alter table cars drop column create_xid;
drop table hold_review;
drop index holds_by_take_time;
alter table holds drop column take_time;
alter table holds add column ask_time timestamptz not null default now();
create index holds_to_ask_about on holds (ask_time) where state = 'TAKEN';
create index holds_by_car on holds (car_id) where state <> 'RELEASED';
