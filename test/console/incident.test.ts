import { describe, expect, it } from 'vitest';
import {
  EMPTY_DRAFT,
  hasAll,
  type IncidentDraft,
  MOST_REQUESTS,
  parseDraft,
  withoutRow,
  withRecords,
} from '../../console/page/core/incident.ts';
import {
  type LoadedFacts,
  NO_FACTS,
  reportBlocks,
  reportOf,
  requestsBlocks,
} from '../../console/page/core/incident-report.ts';
import { identified } from '../../lib/attribution/actor.ts';
import type { Attribution } from '../../lib/attribution/attribution.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { accessKeyId } from '../../lib/identity/access-key.ts';
import { auditIdOf } from '../../lib/identity/audit-id.ts';
import { epochMillis } from '../../lib/time.ts';
import { markdownDocument } from '../../lib/words/markdown.ts';

const ALICE: Attribution = {
  status: 'attributed',
  method: 'access-key',
  provisional: false,
  flags: [],
  actor: identified({ kind: 'iam-user', name: 'alice', accountId: '111122223333', principalId: 'AIDAALICE' }),
  chain: [
    {
      eventName: 'AssumeRole',
      eventIds: ['e-1'],
      roleArn: 'arn:aws:iam::111122223333:role/admin',
      issuedAt: '2026-03-10T08:00:00Z',
      expiresAt: '2026-03-10T09:00:00Z',
      joinedBy: 'access-key',
    },
  ],
};
const BY_NAME: Attribution = { ...ALICE, method: 'session-name', flags: ['name-chosen-by-caller'] };
const NOBODY: Attribution = { status: 'unattributed', provisional: false, flags: [], reason: 'no-matching-grant' };

type RecordFields = Partial<AuditRecord> & { readonly id: string; readonly second?: number };

function record({ id, second = 0, ...fields }: RecordFields): AuditRecord {
  return {
    schemaVersion: 1,
    auditId: auditIdOf(id),
    stage: 'ResponseComplete',
    time: `2026-03-10T08:00:${String(second).padStart(2, '0')}Z`,
    cluster: 'prod-1',
    request: { verb: 'delete', resource: 'pods', namespace: 'shop', name: 'api' },
    response: { code: 200 },
    caller: { kind: 'role-session', sessionName: 'alice', accessKeyId: accessKeyId('ASIAEXAMPLE') },
    attribution: ALICE,
    ...fields,
  };
}

const NOW = epochMillis(Date.parse('2026-03-10T12:00:00Z'));
const made = (draft: IncidentDraft, facts = NO_FACTS) => reportOf(draft, facts, NOW);
const collectedOf = (...records: readonly AuditRecord[]) => withRecords(EMPTY_DRAFT, records);
const idsOf = ({ records }: { readonly records: readonly AuditRecord[] }) => records.map(({ auditId }) => auditId);

describe('the draft of a report', () => {
  it('is in the order of time, in whatever order records were added', () => {
    const collected = withRecords(collectedOf(record({ id: 'b', second: 2 })), [record({ id: 'a', second: 1 })]);
    expect(idsOf(collected)).toEqual(['a', 'b']);
  });

  it('has each request once, with its latest stage and attribution', () => {
    const collected = collectedOf(
      record({ id: 'exec', stage: 'ResponseStarted' }),
      record({ id: 'exec', stage: 'ResponseComplete', attribution: NOBODY }),
      record({ id: 'exec', stage: 'ResponseStarted' }),
      record({ id: 'exec', stage: 'ResponseComplete' }),
    );
    expect(collected.records.map(({ stage, attribution }) => [stage, attribution.status])).toEqual([
      ['ResponseComplete', 'attributed'],
    ]);
  });

  it('loses only the removed request, not another one with the same audit id', () => {
    const [a, b] = [record({ id: 'same', second: 1 }), record({ id: 'same', second: 2 })];
    const collected = withoutRow(collectedOf(a, b), 0);
    expect(collected.records).toEqual([b]);
    expect([hasAll(collected, [a]), hasAll(collected, [b]), hasAll(collected, [a, b])]).toEqual([false, true, false]);
  });

  it('has a limit', () => {
    const many = Array.from({ length: MOST_REQUESTS + 5 }, (_, index) => record({ id: `id-${index}` }));
    expect(collectedOf(...many).records).toHaveLength(MOST_REQUESTS);
  });

  it('is restored from the browser’s storage, and ignores other values there', () => {
    const collected = { ...collectedOf(record({ id: 'a' })), title: 'Pods deleted', comment: 'By hand' };
    expect(parseDraft(JSON.parse(JSON.stringify(collected)))).toEqual(collected);
    for (const other of [null, 7, 'text', [], {}, { title: 'x', comment: 'y', records: 'z' }])
      expect(parseDraft(other)).toEqual(EMPTY_DRAFT);
  });
});

describe('the report of a draft', () => {
  const report = made(
    collectedOf(
      record({ id: 'proven', second: 1 }),
      record({ id: 'proven too', second: 2 }),
      record({ id: 'by name', second: 3, attribution: BY_NAME }),
      record({ id: 'nobody', second: 4, attribution: NOBODY }),
      record({
        id: 'the cluster',
        second: 5,
        attribution: { status: 'system', provisional: false, flags: [] },
        caller: { kind: 'kubernetes-system', username: 'system:kube-scheduler' },
      }),
    ),
  );

  it('says how certain each actor is, and for how many requests', () => {
    expect(report.sections.map(({ actor, certain }) => [actor.name, certain])).toEqual([
      [
        'alice',
        [
          { words: 'Certain: CloudTrail shows this access key being issued to them.', requests: 2 },
          {
            words:
              'Not proven: matched by session name only. The caller chose that name, and no access key confirms it.',
            requests: 1,
          },
        ],
      ],
    ]);
    expect(report.sections[0]?.flags).toEqual(['name-chosen-by-caller']);
    expect(report.sections[0]?.eventIds).toEqual(['e-1']);
  });

  it('counts unidentified and system requests for no actor', () => {
    expect(report.sections[0]?.activity.requests).toBe(3);
    expect(report.unnamed?.callers.map(({ auditId, status, reason }) => [auditId, status, reason])).toEqual([
      ['nobody', 'unattributed', 'no-matching-grant'],
    ]);
    expect(report.system?.requests).toBe(1);
    expect(report.window).toEqual({ from: '2026-03-10T08:00:01Z', to: '2026-03-10T08:00:05Z' });
  });

  it('says at the top for how many requests there is no single known actor', () => {
    expect(markdownDocument(reportBlocks(report))).toContain(
      '**Actor:** `IAM user alice`; no single known actor for 1 request\n',
    );
    expect(markdownDocument(reportBlocks(made(collectedOf(record({ id: 'a' })))))).toContain(
      '**Actor:** `IAM user alice`\n',
    );
  });

  it('has unidentified requests first, then actor, certainty, sessions and keys, activity', () => {
    const headings = reportBlocks(report).flatMap((block) =>
      block.kind === 'heading' ? block.line.map((part) => (typeof part === 'string' ? part : part.value)).join('') : [],
    );
    expect(headings).toEqual([
      'Incident report',
      'Requests without a single known actor',
      'Actor: alice',
      'Sessions and access keys',
      'What was done',
      "The cluster's own work",
      'What to do next',
      '1. Remove access to the cluster prod-1 for arn:aws:iam::111122223333:role/admin',
      '2. Deactivate the access keys of the IAM user alice',
      '3. Revoke the sessions of the role admin in account 111122223333',
      '4. Restore what was deleted in the cluster prod-1: pods shop/api',
    ]);
  });

  it('has an actor with a flag before an earlier one without', () => {
    const ben = identified({ kind: 'iam-user', name: 'ben', accountId: '111122223333', principalId: 'AIDABEN' });
    const flagged = record({ id: 'b', second: 2, attribution: { ...BY_NAME, actor: ben } });
    const { sections } = made(collectedOf(record({ id: 'a', second: 1 }), flagged));
    expect(sections.map(({ actor }) => actor.name)).toEqual(['ben', 'alice']);
  });

  it('does not count ambiguous requests for an actor', () => {
    const candidates = [{ actor: ALICE.actor ?? identified({ kind: 'root' }), chain: [] }] as const;
    const ambiguous: Attribution = { status: 'ambiguous', provisional: false, flags: [], candidates };
    const { sections, unnamed } = made(collectedOf(record({ id: 'a' }), record({ id: 'b', attribution: ambiguous })));
    expect(sections[0]?.activity.requests).toBe(1);
    expect(unnamed?.callers.map(({ mayBeReportedActor }) => mayBeReportedActor)).toEqual([true]);
  });

  it('lists possible actors at the top if no request has a known one', () => {
    const someone = (name: string) => ({ actor: identified({ kind: 'iam-user', name, principalId: name }), chain: [] });
    const among = (...names: readonly string[]): Attribution => ({
      ...{ status: 'ambiguous', provisional: false, flags: [] },
      candidates: names.map(someone),
    });
    const whoOf = (...each: readonly Attribution[]) => {
      const records = each.map((attribution, at) => record({ id: `of-${at}`, attribution }));
      return /\*\*Actor:\*\* (.*)/.exec(markdownDocument(reportBlocks(made(collectedOf(...records)))))?.[1];
    };
    expect(whoOf(among('ben', 'ana'), NOBODY)).toMatch(/^not certain; possible actors: `.*ben.*ana`$/);
    expect(whoOf(among('a', 'b', 'c', 'd', 'e', 'f', 'g'))).toMatch(/, and 2 more$/);
    expect(whoOf(NOBODY)).toBe('unidentified');
  });

  it('is Markdown that shows a hostile name as text, with the title and the comment at the top', () => {
    const hostile = record({ id: 'x', request: { verb: 'get', resource: 'pods', name: '`<b>|[x](http://evil)`' } });
    const collected = { ...collectedOf(hostile), title: 'Pods deleted', comment: 'First line\nSecond line' };
    const hostileReport = made(collected);
    const text = markdownDocument([...reportBlocks(hostileReport), ...requestsBlocks(hostileReport)]);
    expect(text).toMatch(/^# Pods deleted\n\nFirst line\n\nSecond line\n/);
    expect(text).toContain('`` pods `<b>\\|[x](http://evil)` ``');
  });

  it('is Markdown in which no backslash ends a cell, even for readers that merge two backslashes', () => {
    const hostile = record({
      id: 'x',
      request: { verb: 'get', resource: 'pods', name: 'a\\|[Sign in](http://evil)|b' },
    });
    const text = markdownDocument(requestsBlocks(made(collectedOf(hostile))));
    expect(text).toContain('`pods a\\\\u007c[Sign in](http://evil)\\|b`');
    expect(text).not.toMatch(/\\\\\|/);
  });
});

describe('what follows from the requests', () => {
  const secret = record({
    id: 'secret',
    second: 9,
    request: { verb: 'get', resource: 'secrets', namespace: 'shop', name: 'db' },
    source: { ips: ['45.83.64.11'] },
  });
  const before = record({ id: 'before', source: { ips: ['203.0.113.12'] } });
  const change = {
    time: '2026-03-10T08:00:05Z',
    eventName: 'CreateAccessEntry',
    cluster: 'prod-1',
    principalArn: 'arn:aws:iam::111122223333:role/eve',
    caller: { accessKeyId: 'ASIAEXAMPLE' },
    attribution: ALICE,
  };
  const facts: LoadedFacts = {
    requests: new Map([[ALICE.actor?.id ?? '', { records: [secret, before], isComplete: false }]]),
    changes: { changes: [change] },
  };

  it('is what to do next, as in the report of the command', () => {
    const titles = made(collectedOf(secret), facts).next.map(({ title }) => title);
    expect(titles).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^Delete the access entry of arn:aws:iam::111122223333:role\/eve that was created/),
        'Deactivate the access keys of the IAM user alice',
        'Rotate the secrets that were read in the cluster prod-1: shop/db',
      ]),
    );
    expect(titles.some((title) => title.startsWith('If it was'))).toBe(false);
  });

  it('is to restore what was deleted, as in the report of the command', () => {
    const { next } = made(collectedOf(record({ id: 'a' })));
    expect(next.map(({ title }) => title)).toContain('Restore what was deleted in the cluster prod-1: pods shop/api');
  });

  it('is how to find the owner of a key that no grant issued', () => {
    const caller = { kind: 'role-session', accessKeyId: accessKeyId('ASIANOBODY0000000001') } as const;
    const unknown = record({ id: 'unknown', attribution: NOBODY, caller });
    expect(made(collectedOf(unknown)).next.map(({ title }) => title)).toEqual([
      'Find the owner of the access key ASIANOBODY0000000001',
      'Restore what was deleted in the cluster prod-1: pods shop/api',
    ]);
  });

  it('has first uses and changes once they are loaded', () => {
    const [section] = made(collectedOf(secret), facts).sections;
    expect(section?.firstUses).toMatchObject({
      listed: [{ kind: 'source-ip', value: '45.83.64.11' }],
      compared: { requests: 2, before: 1, isComplete: false },
    });
    expect(made(collectedOf(secret)).sections[0]).not.toHaveProperty('firstUses');
    const text = markdownDocument(reportBlocks(made(collectedOf(secret), facts)));
    for (const words of [
      'First uses in this time range',
      'Older ones were not read.',
      'CreateAccessEntry',
      'What to do next',
    ])
      expect(text).toContain(words);
  });
});
