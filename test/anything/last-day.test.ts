import { describe, expect, it } from 'vitest';
import type { KeptRecord } from '../../lib/claims/kept-record.ts';
import { epochMillis, HOUR } from '../../lib/time.ts';
import { serviceSources } from '../../lib/usecases/query/anything/service-sources.ts';
import type { KnownRow } from '../../lib/usecases/query/known-row.ts';
import { Folder, runCommand } from '../builders/command.ts';
import { ACCOUNT } from '../builders/company.ts';
import { overFiles, overService } from '../usecases/pasted-world.ts';
import {
  BEFORE,
  BOBS_KEY,
  INSTANCE,
  LAST_DAYS,
  listOf,
  NAMED_AS_ANOTHER,
  NAMED_AS_BEFORE,
  NAMED_AS_POD,
  namesIn,
  WITH_FUTURE,
  WITH_NODE,
} from './last-days.ts';

const SPAN = 'the time from 2026-03-08T20:00:00Z to 2026-03-09T20:00:00Z, the last 24 hours of the data';
const TIMES = '--from 2026-03-08T20:00:00Z --to 2026-03-09T20:00:00Z';

describe.each([
  ['files', (text: string) => overFiles(LAST_DAYS, text)],
  ['the service', (text: string) => overService(LAST_DAYS, text)],
] as const)('a name without a time, over %s', (_, ask) => {
  it.each<[string, string, readonly string[]]>([
    ['a person of the latest event', 'alice', ['alice']],
    ['a person 23 hours before it', 'carol', ['carol']],
    ['a role', 'operator', ['alice', 'carol']],
    ['an object', 'pod-of-carol', ['carol']],
    ['an object with its type', 'pod/pod-of-carol', ['carol']],
  ])('covers the last 24 hours of the data, and says so: %s', async (_kind, text, names) => {
    const list = listOf(await ask(text));
    expect(namesIn(list)).toEqual(names);
    expect(list.note).toContain(`This covers ${SPAN}.`);
    expect(list.earlier).toBeUndefined();
  });

  it.each<[string, string, string]>([
    ['a person', 'bob', 'sessions'],
    ['a role', 'retired', 'sessions'],
    ['an object', 'pod-of-bob', 'requests'],
  ])('that was seen only before says when: %s', async (_kind, text, things) => {
    const list = listOf(await ask(text));
    expect(list.sessions).toEqual([]);
    expect(list.note).toContain(`No ${things} in ${SPAN}. Before that, `);
    expect(list.earlier?.last).toMatch(/^2026-03-08T1(?:8:30|9:00)/); // issued, or a request
    expect(namesIn({ sessions: list.earlier?.sessions ?? [] })).toContain('bob');
  });

  it('is not known if no session ever had it', async () => {
    const [found] = (await ask('dave')).found;
    expect(found?.outcome.kind).toBe('not-known');
  });
});

it.each([
  ['files', (text: string) => overFiles(WITH_FUTURE, text)],
  ['the service', (text: string) => overService(WITH_FUTURE, text)],
] as const)(
  'an event of the future in the log of another account does not hide the last 24 hours, over %s',
  async (_, ask) => {
    for (const text of ['alice', 'operator', 'operator:alice', '20:00', ACCOUNT]) {
      const list = listOf(await ask(text));
      expect(namesIn(list), text).toContain('alice');
      expect(list.note, text).toContain(`This covers ${SPAN}.`);
    }
  },
);

it.each([
  ['among a page of other clusters', 999],
  ['after a page of other clusters', 1_000],
])(
  'the data of a service ends at the latest event up to now, although an account has one of the future in each of many clusters: %s',
  async (_, count) => {
    const now = epochMillis(Date.parse('2026-03-10T12:00:00Z'));
    const row = (name: string, last: string): KnownRow => ({ kind: 'cluster', name, first: last, last });
    const rows = [
      ...Array.from({ length: count }, (_each, at) => row(`a-${at}`, '2099-01-01T00:00:00Z')),
      row('prod', '2026-03-10T00:00:00Z'),
    ];
    const time = '2026-03-10T11:30:00Z';
    const sources = serviceSources({
      clock: () => now,
      records: async ({ question: { range } }) => ({
        records: (range.to ?? 0) > now + HOUR ? [] : [{ time } as KeptRecord],
      }),
      known: async ({ limit }) => ({ known: rows.slice(0, limit), ...(rows.length > limit && { cursor: 'next' }) }),
      whois: () => Promise.reject(new Error('nobody is looked up')),
    });
    expect(await sources.latest?.()).toBe(Date.parse(time));
  },
);

it.each([
  ['files', overFiles],
  ['the service', overService],
] as const)('a person seen only before does not hide a role of that name, and is said too, over %s', async (_, ask) => {
  const list = listOf(await ask(NAMED_AS_BEFORE, 'bob'));
  expect(namesIn(list)).toEqual(['alice']);
  expect(list.note).toMatch(/It is also the person bob, last seen before these hours, at 2026-03-08T1(?:8:30|9:00)/);
});

it('the name of a person says which sessions of others have it, over files', async () => {
  const list = listOf(await overFiles(NAMED_AS_ANOTHER, 'alice'));
  expect(namesIn(list)).toEqual(['alice']);
  expect(list.note).toContain(
    'Not among these: 1 request in sessions named alice: 1 by carol. Nothing proves that this person made them. The session IDs: AROADEPLOYER00000000:alice. To list their requests: eks-whois records --session ID.',
  );
  expect(listOf(await overFiles(LAST_DAYS, 'alice')).note).not.toContain('Not among these');
});

it('the name of a person says how to list the sessions of others that have it, over the service: no index has them', async () => {
  expect(listOf(await overService(NAMED_AS_ANOTHER, 'alice')).note).toContain(
    `Sessions that others gave the name alice, and requests that impersonated it, were not searched. To list them: eks-whois records --session alice ${TIMES}, and eks-whois records --flag impersonation ${TIMES}.`,
  );
});

it('the ID of an instance leads to the command for its other requests over the service: it is a session name, not a username', async () => {
  expect(listOf(await overService(WITH_NODE, INSTANCE)).note).toContain(
    `To search another time: eks-whois records --session ${INSTANCE} --cluster NAME --from TIME --to TIME.`,
  );
});

describe.each([
  ['files', overFiles],
  ['the service', overService],
] as const)('a name that is also that of an object, over %s', (_, ask) => {
  it('has both meanings: the answer says which it is about, and how to ask about the other', async () => {
    const list = listOf(await ask(NAMED_AS_POD, 'pod-of-alice'));
    expect(namesIn(list)).toEqual(['pod-of-alice']);
    expect(list.note).toContain(
      'This answer is about the person pod-of-alice. An object has this name too: pods/pod-of-alice, with 1 request: 1 by alice. ' +
        'To ask about it, put its type before the name: pods/pod-of-alice.',
    );
    expect(namesIn(listOf(await ask(NAMED_AS_POD, 'pods/pod-of-alice')))).toEqual(['alice']);
  });

  it('says nothing more of a name that no object has', async () => {
    expect(listOf(await ask(NAMED_AS_POD, 'alice')).note).not.toContain('object');
  });
});

it('a username without a time covers the last 24 hours of the data of files', async () => {
  const ask = (text: string) => overFiles(LAST_DAYS, text);
  expect(namesIn(listOf(await ask('operator:carol')))).toEqual(['carol']);
  const list = listOf(await ask('retired:bob'));
  expect([list.sessions, list.note]).toEqual([
    [],
    expect.stringContaining(`Before that, last seen ${BEFORE.slice(0, 16)}`),
  ]);
});

describe('the command', () => {
  const run = async (...words: readonly string[]) => {
    using folder = new Folder();
    const lines = (of: readonly object[]) => of.map((each) => JSON.stringify(each)).join('\n');
    const files = [
      '--audit',
      folder.file('a.jsonl', lines(LAST_DAYS.events)),
      '--cloudtrail',
      folder.file('t.jsonl', lines(LAST_DAYS.grants)),
    ];
    const ran = await runCommand(['whois', ...words, ...files]);
    const [next] = (ran.output.split('\nNext:\n')[1] ?? '').trim().split('\n');
    const shown = next === undefined || next === '' ? undefined : await runCommand(next.split(' ').slice(1));
    return { ...ran, next, shown };
  };

  it('that is shown for a name that was last seen before this range lists its sessions', async () => {
    const { status, output, next, shown } = await run('bob');
    expect([status, output]).toEqual([
      0,
      expect.stringContaining(`No sessions in ${SPAN}. Before that, last seen 2026-03-08T19:00:00Z.`),
    ]);
    expect(next).toContain('eks-whois bob --at 2026-03-08T19:00:00Z');
    expect([shown?.status, shown?.output]).toEqual([0, expect.stringMatching(new RegExp(`${BOBS_KEY} .*bob`))]);
  });

  it.each([
    ['a longer --lookback', ['--lookback', '26'], 'the last 26 hours of the data'],
    ['--at', ['--at', BEFORE], BOBS_KEY],
  ])('covers more with %s', async (_, words, expected) => {
    const { status, output } = await run('bob', ...words);
    expect([status, output]).toEqual([0, expect.stringContaining(expected)]);
    expect(output).toContain(BOBS_KEY);
  });

  it('says for several names when each was last seen', async () => {
    const { output } = await run('arn:aws:iam::111122223333:user/alice arn:aws:iam::111122223333:user/bob');
    expect(output).toContain(`Names without a time were looked up in ${SPAN}.`);
    expect(output).toMatch(/user\/bob .*0 sessions, the latest before at 2026-03-08T19:00/);
  });
});
