import { describe, expect, it } from 'vitest';
import { parseExpiration } from '../../lib/cloudtrail/expiration.ts';
import { epochMillis, formatInstant } from '../../lib/time.ts';

describe("when credentials expire, by CloudTrail's locale text in UTC", () => {
  it.each([
    ['as before 2023', 'Nov 18, 2017 1:21:51 AM', '2017-11-18T01:21:51Z'],
    ['with a comma behind the year', 'Jul 10, 2023, 12:21:41 PM', '2023-07-10T12:21:41Z'],
    ['with a narrow no-break space', 'Jul 10, 2023, 1:21:41\u202fPM', '2023-07-10T13:21:41Z'],
    ['with a no-break space', 'Jul 10, 2023, 1:21:41\u00a0PM', '2023-07-10T13:21:41Z'],
    ['without a space', 'Jul 10, 2023, 1:21:41PM', '2023-07-10T13:21:41Z'],
    ['in lower case', 'jul 10, 2023, 1:21:41 pm', '2023-07-10T13:21:41Z'],
    ['at midnight', 'Jan 1, 2026, 12:00:00 AM', '2026-01-01T00:00:00Z'],
    ['at noon', 'Jan 1, 2026, 12:00:00 PM', '2026-01-01T12:00:00Z'],
    ['with 24 hours', 'Jan 1, 2026, 23:00:00', '2026-01-01T23:00:00Z'],
    ['with the month in full', 'September 5, 2023, 1:21:41 PM', '2023-09-05T13:21:41Z'],
    ['with blanks around it', '  Jan 1, 2026, 1:00:00 AM ', '2026-01-01T01:00:00Z'],
    ['as RFC 3339', '2026-03-10T13:00:00Z', '2026-03-10T13:00:00Z'],
  ])('%s', (_, text, expected) => {
    expect(formatInstant(parseExpiration(text) ?? epochMillis(0))).toBe(expected);
  });

  it.each([
    '',
    'soon',
    'Foo 1, 2026, 1:00:00 AM',
    'Feb 30, 2026, 1:00:00 AM',
    'Jan 1, 2026, 13:00:00 PM',
    '0:00:00 AM',
  ])('cannot be read from %j', (text) => expect(parseExpiration(text)).toBeUndefined());
});
