-- Up Migration

create table inventories (
  product_id text primary key,
  product_name text not null,
  qty integer not null check (qty >= 0),
  initial_qty integer not null,
  version bigint not null,
  -- Whole milliseconds, since page tokens carry create_time as JavaScript knows it.
  create_time timestamptz(3) not null default now(),
  update_time timestamptz(3) not null default now(),
  -- The transaction that stored the row: a page of a list ends before transactions that may still commit.
  create_xid xid8 not null default pg_current_xact_id()
);
create index inventories_by_create_time on inventories (create_time, product_id);

create table allocations (
  order_id uuid primary key,
  product_id text not null,
  qty integer not null check (qty > 0),
  status text not null check (status in ('TAKEN', 'SHORT', 'RETURNED')),
  version bigint not null,
  create_time timestamptz not null default now(),
  update_time timestamptz not null default now()
);

insert into inventories (product_id, product_name, qty, initial_qty, version)
  values ('1', 'IPAD', 100, 100, 1), ('2', 'MACBOOK', 100, 100, 1), ('3', 'EARPHONE', 100, 100, 1);

-- Down Migration

drop table allocations;
drop table inventories;
