-- Up Migration

create table reservations (
  reservation_id uuid primary key,
  car_id uuid not null,
  car_name text not null,
  user_id text not null,
  user_name text not null,
  reserved_date text not null,
  status text not null check (status in ('RESERVED', 'REJECTED', 'CANCELLED', 'COMPLETED')),
  version bigint not null,
  -- Whole milliseconds, since page tokens carry create_time as JavaScript knows it.
  create_time timestamptz(3) not null default now(),
  update_time timestamptz(3) not null default now()
);
create index reservations_by_create_time on reservations (create_time, reservation_id);
create index reservations_by_user on reservations (user_id, create_time, reservation_id);

-- Down Migration

drop table reservations;
