import { describe, expect, it } from 'vitest';
import { Somebody, startNoting } from './asking.ts';

const BERLIN = { TZ: 'Europe/Berlin' };

describe('times on the command line', () => {
  it.each([
    [['--from', '2026-03-10 08:00'], '2026-03-10T08:00:00Z', '--from 2026-03-10 08:00 is 2026-03-10T08:00:00Z.'],
    [
      ['--from', '2026-03-10 08:00', '--local'],
      '2026-03-10T07:00:00Z',
      '--from 2026-03-10 08:00 is 2026-03-10T08:00:00+01:00, 2026-03-10T07:00:00Z.',
    ],
    [
      ['--local', '--since', '2026-07-10'],
      '2026-07-09T22:00:00Z',
      '--since 2026-07-10 is 2026-07-10T00:00:00+02:00, 2026-07-09T22:00:00Z.',
    ],
  ])('%j begin at %s, which is noted with its zone', async (args, from, message) => {
    await using service = await startNoting();
    using her = new Somebody();
    const { status, errors } = await her.run(['records', '--actor', 'alice', '--api', service.url, ...args], BERLIN);
    expect(status).toBe(0);
    expect(service.requests[0]?.searchParams.get('from')).toBe(from);
    expect(errors).toContain(`eks-whois: ${message}\n`);
  });

  it('mean the same for whois', async () => {
    await using service = await startNoting();
    using her = new Somebody();
    const question = ['whois', '--principal', 'AROAEXAMPLE1234567890:jane', '--api', service.url];
    const { errors } = await her.run([...question, '--at', '2026-03-10 08:00', '--local'], BERLIN);
    expect(service.requests[0]?.searchParams.get('at')).toBe('2026-03-10T07:00:00Z');
    expect(errors).toContain('--at 2026-03-10 08:00 is 2026-03-10T08:00:00+01:00, 2026-03-10T07:00:00Z.');
  });

  it('mean the same for sessions, attribute and backfill', async () => {
    using her = new Somebody();
    const file = her.file('empty.jsonl', '');
    const range = ['--from', '2026-03-10 08:00', '--to', '2026-03-09', '--local'];
    for (const command of [
      ['sessions'],
      ['attribute', '--audit', file, '--cloudtrail', file],
      ['backfill', '--table', 'eks-whois-prod', '--log-group', '/aws/eks/prod/cluster'],
    ]) {
      const { status, errors } = await her.run([...command, ...range], BERLIN);
      expect(errors).toContain('--from 2026-03-10 08:00 is 2026-03-10T08:00:00+01:00, 2026-03-10T07:00:00Z.');
      expect(errors).toContain('--to 2026-03-09 is 2026-03-09T23:59:59.999999+01:00, 2026-03-09T22:59:59.999999Z.');
      expect(errors).toMatch(/ends before it begins|must lie before --to/);
      expect(status).toBe(2);
    }
  });

  it('that are invalid are refused before any query', async () => {
    await using service = await startNoting();
    using her = new Somebody();
    const { status, errors } = await her.run(['records', '--since', 'tomorrow', '--api', service.url]);
    expect({ status, requests: service.requests }).toEqual({ status: 2, requests: [] });
    expect(errors).toContain(
      '--since cannot be tomorrow. Give a time like 2026-03-10T14:03:00Z, 2026-03-10, yesterday, 08:00, 2h, 1w, 1mo or "2 days ago".',
    );
  });
});
