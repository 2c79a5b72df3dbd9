-- Up Migration

create table reservations (
  reservation_id uuid primary key,
  user_id text not null,
  cinema_no text not null,
  time text not null,
  -- In won.
  price integer not null check (price >= 0),
  status text not null check (status in ('REQUESTED', 'REJECTED', 'RESERVED', 'CANCELLED')),
  version bigint not null,
  -- Whole milliseconds, since page tokens carry create_time as JavaScript knows it.
  create_time timestamptz(3) not null default now(),
  update_time timestamptz(3) not null default now(),
  -- The transaction that stored the row: a page of a list ends before transactions that may still commit.
  create_xid xid8 not null default pg_current_xact_id()
);
create index reservations_by_create_time on reservations (create_time, reservation_id);
create index reservations_by_user on reservations (user_id, create_time, reservation_id);
create index reservations_by_cinema on reservations (cinema_no, create_time, reservation_id);
create index reservations_by_status on reservations (status, create_time, reservation_id);

-- Down Migration

drop table reservations;
