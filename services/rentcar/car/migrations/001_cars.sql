-- Up Migration

create table cars (
  car_id uuid primary key,
  car_name text not null,
  qty integer not null check (qty >= 0),
  -- Never changes: the invariant is initial_qty = qty + live holds.
  initial_qty integer not null check (initial_qty >= 0),
  version bigint not null,
  -- Whole milliseconds, since page tokens carry it as JavaScript knows it.
  create_time timestamptz(3) not null default now()
);
create index cars_by_create_time on cars (create_time, car_id);

-- One row for each reservation id that stock was ever taken or given back for.
create table holds (
  reservation_id uuid primary key,
  car_id uuid not null,
  state text not null check (state in ('TAKEN', 'CONFIRMED', 'RELEASED')),
  -- From when on an unconfirmed hold is asked about: the end of its lease, or of the wait since the last question.
  ask_time timestamptz not null
);
create index holds_to_ask_about on holds (ask_time) where state = 'TAKEN';
create index holds_by_car on holds (car_id) where state <> 'RELEASED';

-- Down Migration

drop table holds;
drop table cars;
