-- Up Migration

create table orders (
  order_id uuid primary key,
  user_id text not null,
  product_id text not null,
  qty integer not null check (qty > 0),
  -- In won.
  amount integer not null check (amount >= 0),
  status text not null check (status in ('REQUESTED', 'CONFIRMED', 'SHORT', 'CANCELLED')),
  version bigint not null,
  -- Whole milliseconds, since page tokens carry create_time as JavaScript knows it.
  create_time timestamptz(3) not null default now(),
  update_time timestamptz(3) not null default now(),
  -- The transaction that stored the row: a page of a list ends before transactions that may still commit.
  create_xid xid8 not null default pg_current_xact_id()
);
create index orders_by_create_time on orders (create_time, order_id);
create index orders_by_user on orders (user_id, create_time, order_id);
create index orders_by_product on orders (product_id, create_time, order_id);
create index orders_by_status on orders (status, create_time, order_id);

-- Down Migration

drop table orders;
