import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const zone = process.env.TZ;
afterEach(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

/** From twelve hours behind UTC to fourteen hours ahead, with and without daylight saving time. */
describe.each(['UTC', 'Etc/GMT+12', 'America/Los_Angeles', 'Europe/Berlin', 'Asia/Dubai', 'Pacific/Kiritimati'])('in %s', (name) => {
  let format: typeof import('./format.ts');
  beforeEach(async () => {
    process.env.TZ = name;
    // The module creates its formatters when it is loaded, and a formatter keeps the zone of that time.
    vi.resetModules();
    format = await import('./format.ts');
  });

  it('a day is the same day', () => {
    expect(new Intl.DateTimeFormat().resolvedOptions().timeZone, 'the zone under test').toBe(name);
    expect(format.day('2026-02-01')).toMatch(/Feb 1, 2026|1 Feb 2026/);
    expect(format.day('2026-12-31')).toMatch(/Dec 31, 2026|31 Dec 2026/);
  });

  it('today is the day of the person, not of Greenwich', () => {
    expect(format.today(new Date(2026, 0, 5, 0, 1))).toBe('2026-01-05');
    expect(format.today(new Date(2026, 11, 31, 23, 59))).toBe('2026-12-31');
  });

  it('a moment is shown at the hour of the person, and one that is not there is empty', () => {
    expect(format.moment(undefined)).toBe('');
    expect(format.moment(timestampFromDate(new Date(2026, 1, 1, 12, 34)))).toMatch(/(Feb 1|1 Feb),? 2026.*12:34/);
  });
});

describe('whatever the zone', () => {
  it('counts have the noun that fits', async () => {
    const { count } = await import('./format.ts');
    expect([0, 1, 2, 1200].map((value) => count(value, 'car'))).toEqual(['0 cars', '1 car', '2 cars', '1,200 cars']);
    expect(count(2, 'entry', 'entries')).toBe('2 entries');
  });

  it('what is no day is shown as it is', async () => {
    const { day } = await import('./format.ts');
    expect(day('soon')).toBe('soon');
  });
});
