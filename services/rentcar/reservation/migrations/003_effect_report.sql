-- Up Migration

-- The service kit keeps which reservations were reported.
update effect_report set report_time = confirmation_report.report_time, reported_xid = confirmation_report.reported_xid
  from confirmation_report;
drop table confirmation_report;

-- Down Migration

create table confirmation_report (report_time timestamptz not null, reported_xid xid8 not null);
insert into confirmation_report (report_time, reported_xid) select report_time, reported_xid from effect_report;
