-- Up Migration

-- Holds are effects of a guarded call: the service kit keeps them.
lock table holds, hold_review in access exclusive mode;
insert into guarded_effects (effect_id, subject_id, state, apply_time)
  select reservation_id, car_id, case state when 'TAKEN' then 'APPLIED' else state end, take_time from holds order by take_time;
update effect_review set confirmed_until = hold_review.confirmed_until, asked_until = hold_review.asked_until from hold_review;
drop table holds;
drop table hold_review;

-- For readers: the effects in the words of rent-a-car.
create view holds as select effect_id as reservation_id, subject_id as car_id, state, apply_time as take_time from guarded_effects;

-- Down Migration

drop view holds;
create table holds (
  reservation_id uuid primary key,
  car_id uuid not null,
  state text not null check (state in ('TAKEN', 'CONFIRMED', 'RELEASED')),
  take_time timestamptz not null default now()
) with (fillfactor = 85);
create index holds_by_take_time on holds using brin (take_time) with (pages_per_range = 16, autosummarize = on);
create table hold_review (confirmed_until timestamptz not null, asked_until timestamptz not null);
insert into holds (reservation_id, car_id, state, take_time)
  select effect_id, subject_id, case state when 'APPLIED' then 'TAKEN' else state end, apply_time from guarded_effects;
insert into hold_review (confirmed_until, asked_until) select confirmed_until, asked_until from effect_review;
delete from guarded_effects;
