-- Up Migration

create table rentals (
  rental_id uuid primary key,
  reservation_id uuid not null unique,
  car_id uuid not null,
  user_id text not null,
  status text not null check (status in ('ALLOCATED', 'CANCELLED', 'COMPLETED')),
  version bigint not null,
  -- Whole milliseconds, since page tokens carry create_time as JavaScript knows it.
  create_time timestamptz(3) not null default now(),
  update_time timestamptz(3) not null default now()
);
create index rentals_by_create_time on rentals (create_time, rental_id);
create index rentals_by_user on rentals (user_id, create_time, rental_id);

-- Down Migration

drop table rentals;
