import { describe, expect, it } from 'vitest';
import { freePort } from '../../local/service/port.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { Folder, runCommand } from '../builders/command.ts';
import { utc } from '../builders/company.ts';
import { grant } from '../builders/trail-records.ts';
import { startCommand } from '../records/running-command.ts';

const DEEP = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;

/** Alice's event at that time; some bear something that nobody sends in earnest. */
function aliceAt(time: string, auditID: string): string {
  return JSON.stringify(auditEvent({ auditID, requestReceivedTimestamp: time }));
}

const HOSTILE = [
  aliceAt(utc('12:10:00'), 'first'),
  `${aliceAt(utc('12:11:00'), 'deep').slice(0, -1)},"requestObject":${DEEP}}`,
  JSON.stringify(auditEvent({ auditID: 'nobody', user: undefined, requestReceivedTimestamp: utc('12:12:00') })),
  aliceAt('9999-12-31T23:59:59Z', 'far'),
];

describe('the service on one machine, with input that attackers wrote', () => {
  it('names the callers of all other events, now and later, and finds them by actor', async () => {
    using folder = new Folder();
    const port = await freePort();
    const cloudtrail = folder.file('grants.jsonl', JSON.stringify(grant()));
    const place = ['--port', String(port), '--data', folder.at('data'), '--cloudtrail', cloudtrail];
    const hostile = await runCommand([
      'local',
      '--once',
      ...place,
      '--audit',
      folder.file('1.jsonl', HOSTILE.join('\n')),
    ]);
    expect(hostile).toMatchObject({ status: 0, errors: '' });
    expect(hostile.output).toMatch(/ {2}3 audit events: .*, 1 unreadable\n/);
    expect(hostile.output).toMatch(/ {2}1 audit event, dated too far in the future for the clock: 1 pending\n/);
    expect(hostile.output).not.toMatch(/^\+/m);

    const later = folder.file('2.jsonl', aliceAt(utc('12:50:00'), 'later'));
    const command = startCommand(['local', ...place, '--audit', later]);
    await command.until('ready: ');
    const answer = await fetch(`http://127.0.0.1:${port}/records?actor=alice`);
    const { records } = (await answer.json()) as { records: readonly { readonly auditId: string }[] };
    expect(await command.interrupt()).toBe(0);
    expect(records.map(({ auditId }) => auditId)).toEqual(['later', 'deep', 'first']);
  });
});
