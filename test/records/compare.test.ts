import { describe, expect, it } from 'vitest';
import { comparedRanges } from '../../cli/records/compare.ts';
import { epochMillis, HOUR } from '../../lib/time.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { Folder, runCommand } from '../builders/command.ts';
import { ACCOUNT } from '../builders/company.ts';
import { storedRecord } from '../contract/stored-record.ts';
import { GRANT, good } from '../files/good.ts';
import { startScripted } from './scripted-service.ts';

const at = (id: string, time: string, fields = {}) =>
  good(id, { requestReceivedTimestamp: `2026-03-${time}Z`, ...fields });

/** Two days. On the second, a secret is read from another address, two more pods are deleted, and nothing is listed. */
function twoDays(folder: Folder): readonly string[] {
  const secret = { verb: 'get', objectRef: { resource: 'secrets', namespace: 'shop', name: 's' } };
  const list = { verb: 'list', objectRef: { resource: 'nodes' } };
  const events = [
    at('a', '10T12:00:00', { sourceIPs: ['203.0.113.1'] }),
    at('b', '10T12:01:00', { ...list, sourceIPs: ['203.0.113.1'] }),
    at('own', '10T12:02:00', { user: { username: 'system:kube-scheduler' } }),
    at('c', '11T12:00:00', { sourceIPs: ['203.0.113.1'] }),
    at('d', '11T12:01:00', { sourceIPs: ['203.0.113.1'] }),
    at('e', '11T12:02:00', { sourceIPs: ['203.0.113.1'] }),
    at('f', '11T12:03:00', { ...secret, sourceIPs: ['198.51.100.9'], userAgent: 'curl/8.1' }),
  ];
  return ['--audit', folder.file('a', events.join('\n')), '--cloudtrail', folder.file('c', GRANT)];
}

const DAYS = ['--summary', '--from', '2026-03-11', '--to', '2026-03-11', '--compare', '2026-03-10'];

describe('--compare', () => {
  it('lists who, what, from where and with what is new, gone, more or less', async () => {
    using folder = new Folder();
    const { output, errors, status } = await runCommand(['records', ...twoDays(folder), ...DAYS, '-o', 'json']);
    expect(status, errors).toBe(0);
    const rows: { trait: string; value: string }[] = JSON.parse(output);
    expect(rows.filter(({ trait }) => trait !== 'who')).toEqual([
      { change: 'new', trait: 'what', value: 'get secrets', before: 0, now: 1 },
      { change: 'new', trait: 'from', value: '198.51.100.9', before: 0, now: 1 },
      { change: 'new', trait: 'with', value: 'curl/8.1', before: 0, now: 1 },
      { change: 'gone', trait: 'what', value: 'list nodes', before: 1, now: 0 },
      { change: 'more', trait: 'what', value: 'delete pods', before: 1, now: 3 },
      { change: 'more', trait: 'from', value: '203.0.113.1', before: 2, now: 3 },
      { change: 'more', trait: 'with', value: 'kubectl/v1.33.0', before: 2, now: 3 },
    ]);
    expect(JSON.stringify(rows)).not.toContain('kube-scheduler');
    expect(errors).toContain(
      '4 requests from 2026-03-11T00:00:00Z to 2026-03-11T23:59:59.999Z, compared with 3 requests',
    );
    expect(errors).toContain('Requests of the cluster itself and AWS are not compared.');
  });

  it('compares unidentified callers by role, session name and source IP, since each session has another key', async () => {
    using folder = new Folder();
    const by = (id: string, time: string, key: string, ip: string) =>
      eventBy(roleUser({ session: 'nightly', key, username: `arn:aws:sts::${ACCOUNT}:assumed-role/x/nightly` }), {
        auditID: id,
        requestReceivedTimestamp: `2026-03-${time}Z`,
        sourceIPs: [ip],
      });
    const events = [
      by('a', '10T12:00:00', 'ASIAAAAAAAAAAAAAAAAA', '203.0.113.1'),
      by('b', '11T12:00:00', 'ASIABBBBBBBBBBBBBBBB', '203.0.113.1'),
      by('c', '11T13:00:00', 'ASIACCCCCCCCCCCCCCCC', '198.51.100.9'),
    ].map((event) => JSON.stringify(event));
    const files = ['--audit', folder.file('a', events.join('\n')), '--cloudtrail', folder.file('c', GRANT)];
    const { output, errors } = await runCommand(['records', ...files, ...DAYS, '-o', 'json']);
    const rows: { trait: string }[] = JSON.parse(output);
    expect(rows.filter(({ trait }) => trait === 'who')).toEqual([
      {
        change: 'new',
        trait: 'who',
        value: expect.stringMatching(/:nightly from 198\.51\.100\.9$/),
        before: 0,
        now: 1,
      },
    ]);
    expect(errors).toContain('One row can be several people');
  });

  it('is a table too, and takes fields and an order', async () => {
    using folder = new Folder();
    const args = ['records', ...twoDays(folder), ...DAYS];
    const table = (await runCommand(args)).output.split('\n');
    expect(table[0]).toMatch(/^CHANGE +TRAIT +VALUE +BEFORE +NOW$/);
    expect(table).toContainEqual(expect.stringMatching(/^new +from +198\.51\.100\.9 +0 +1$/));
    const { output } = await runCommand([...args, '-o', 'csv', '--fields', 'value,now', '--sort', 'now', '--reverse']);
    expect(output).toMatch(/^value,now\r\n/);
  });

  it("compares what a service's API has in the same way", async () => {
    const service = await startScripted();
    const stored = (auditID: string, time: string, ip: string) =>
      storedRecord({ auditID, requestReceivedTimestamp: `2026-03-${time}Z`, sourceIPs: [ip] });
    await service.add(
      stored('a', '10T12:00:00', '203.0.113.1'),
      stored('b', '11T12:00:00', '203.0.113.1'),
      stored('c', '11T12:01:00', '198.51.100.9'),
    );
    const args = ['records', '--api', service.url, ...DAYS, '-o', 'json'];
    const { output, errors, status } = await runCommand(args);
    await service.stop();
    expect(status, errors).toBe(0);
    const rows: { trait: string }[] = JSON.parse(output);
    expect(rows.filter(({ trait }) => trait === 'from')).toEqual([
      { change: 'new', trait: 'from', value: '198.51.100.9', before: 0, now: 1 },
    ]);
    expect(errors).toContain(
      '2 requests from 2026-03-11T00:00:00Z to 2026-03-11T23:59:59.999Z, compared with 1 request',
    );
  });

  it.each([
    [['--compare', '2026-03-10'], /^eks-whois: --compare works only with --summary\. Add --summary\.\n$/],
    [['--compare', '48h'], /^eks-whois: --compare works only with --summary\. Add --summary\.\n$/],
    [['--summary', '--compare', '2026-03-10', '--to', '2026-03-11'], /add --since or --from/],
    [[...DAYS, '--limit', '5'], /--compare and --limit exclude each other/],
    [['--summary', '--from', '2026-03-10', '--to', '2026-03-11', '--compare', '2026-03-09'], /overlap/],
    [[...DAYS, '-o', 'ocsf'], /cannot be written as OCSF/],
    [[...DAYS, '--fields', 'who'], /--fields cannot be who/],
  ])('is refused: %j', async (args, message) => {
    using folder = new Folder();
    const { status, errors } = await runCommand(['records', ...twoDays(folder), ...args]);
    expect([status, errors]).toEqual([2, expect.stringMatching(message)]);
  });

  it('compares times that touch each other, as --since 24h with 48h ago', () => {
    const now = epochMillis(Date.parse('2026-03-12T12:00:00.700Z'));
    const options = { since: '2026-03-11T12:00:00Z', compare: epochMillis(Date.parse('2026-03-10T12:00:00Z')) };
    const ranges = comparedRanges(options as Parameters<typeof comparedRanges>[0], now);
    expect(ranges.before.to).toBe(ranges.now.from - 0.001);
    expect(ranges.before.to - ranges.before.from).toBeGreaterThan(23.9 * HOUR);
  });
});
