import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { Folder } from '../builders/command.ts';
import { ANOTHER_KEY, KEY, utc } from '../builders/company.ts';
import { grant } from '../builders/trail-records.ts';
import { type DeployedTables, startTables, TABLE } from './deployed-tables.ts';
import { startCommand } from './running-command.ts';

let tables: DeployedTables;
const folder = new Folder();

beforeAll(async () => {
  tables = await startTables();
});

afterAll(async () => {
  await tables?.stop();
  folder[Symbol.dispose]();
});

async function backfilled(args: readonly string[]): Promise<string> {
  const { status, output, errors } = await tables.run(['backfill', ...args, '--state', folder.at('state.json')]);
  expect(status, errors).toBe(0);
  return output;
}

function event(id: string, key: string, time: string) {
  return eventBy(roleUser({ session: id, key }), { auditID: id, requestReceivedTimestamp: utc(time) });
}

describe('records --follow --status pending', () => {
  it('shows pending records, and their answers once they are settled', async () => {
    const events = [event('alice-session', KEY, '12:10:00'), event('nobody', ANOTHER_KEY, '12:10:01')];
    const audit = folder.file('audit.jsonl', events.map((one) => JSON.stringify(one)).join('\n'));
    await backfilled(['--audit', audit, '--cluster-name', 'prod', '--settle-minutes', '0']);
    const args = ['records', '--follow', '--interval', '0.1', '--status', 'pending', '--table', TABLE];
    const following = startCommand([...args, '--from', utc('12:00:00')], tables.environment);
    await following.until(/pending[\s\S]*pending/);
    const trail = folder.file('trail.json', JSON.stringify({ Records: [grant({ id: 'alice' })] }));
    await backfilled(['--cloudtrail', trail]);
    await following.until(/corrected[\s\S]*corrected/);
    expect(await following.interrupt()).toBe(0);
    const rows = following.printed.output.split('\n').map((line) => line.replace(/ +/g, ' '));
    expect(rows.slice(0, 2).map((row) => row.split(' ').slice(2, 4).join(' '))).toEqual(['? pending', '? pending']);
    expect(rows.slice(2).join('\n')).toMatch(
      /alice attributed access-key .*\n \^ corrected: shown before as pending\n/,
    );
    expect(rows.slice(2).join('\n')).toMatch(
      /\? unattributed no-matching-grant .*\n \^ corrected: shown before as pending\n/,
    );
  });
});
