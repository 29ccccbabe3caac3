import { describe, expect, it } from 'vitest';
import { asJson } from '../../cli/doctor/report.ts';
import type { NoteView } from '../../console/page/core/answers.ts';
import { durationText } from '../../console/page/core/spans.ts';
import {
  aboutOf,
  causeCommand,
  FLAG_LISTS,
  findingsIn,
  flaggedRows,
  groupsOf,
  isReviewed,
  questionOfCaller,
  rowCommands,
  sessionOfRow,
  type TodoRow,
  whoisCommand,
} from '../../console/page/core/todo.ts';
import type { Flag } from '../../lib/attribution/flags.ts';
import { REASON_ROWS, type Reason } from '../../lib/attribution/reasons.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { finding } from '../../lib/doctor/finding.ts';
import { accessKeyId } from '../../lib/identity/access-key.ts';
import { auditIdOf } from '../../lib/identity/audit-id.ts';
import { operand } from '../../lib/shell.ts';

const ROLE = 'AROAEXAMPLE0000000000';

function row(more: Partial<TodoRow> = {}): TodoRow {
  return {
    status: 'unattributed',
    caller: { kind: 'role-session', uid: `aws-iam-authenticator:111122223333:${ROLE}`, username: 'ops' },
    reasons: [],
    clusters: [],
    namespaces: [],
    open: false,
    ...more,
  };
}

const because = (reason: Reason) => row({ reasons: [reason] });

describe('the to-do list', () => {
  it('groups sessions by reason, the most frequent first, with their texts', () => {
    const groups = groupsOf([
      because('session-name-unknown'),
      because('no-matching-grant'),
      because('no-matching-grant'),
    ]);
    expect(groups.map(({ key, rows }) => [key, rows.length])).toEqual([
      ['no-matching-grant', 2],
      ['session-name-unknown', 1],
    ]);
    expect(groups[0]?.why).toBe(REASON_ROWS['no-matching-grant'].why);
  });

  it('uses the texts of the service, if it sends some', () => {
    const [group] = groupsOf([row({ reasons: ['no-matching-grant'], why: ['Because.'], nextStep: 'Do it.' })]);
    expect([group?.why, group?.next]).toEqual(['Because.', 'Do it.']);
  });

  it('has texts for sessions without a reason', () => {
    const groups = groupsOf([row({ status: 'ambiguous' }), row({ status: 'pending', open: true })]);
    expect(groups.map(({ key, why }) => [key, why !== ''])).toEqual([
      ['ambiguous', true],
      ['pending', true],
    ]);
  });
});

describe('sessions with a flag', () => {
  const record = (id: string, sessionName: string, flags: readonly Flag[]): AuditRecord => ({
    schemaVersion: 1,
    auditId: auditIdOf(id),
    time: `2026-03-10T08:00:0${id}Z`,
    cluster: 'prod-1',
    request: { verb: 'get', resource: 'pods', namespace: `ns-${id}` },
    caller: { kind: 'role-session', sessionName },
    attribution: { status: 'unattributed', provisional: false, flags, reason: 'no-matching-grant' },
  });
  const FORGED = FLAG_LISTS.forged ?? [];

  it('are listed once, by their gravest flag, the gravest first', () => {
    const rows = flaggedRows(
      [
        record('3', 'bob', ['name-chosen-by-caller']),
        record('2', 'alice', ['name-chosen-by-caller']),
        record('1', 'alice', ['name-chosen-by-caller', 'session-name-claims-other-actor']),
      ],
      FORGED,
    );
    expect(rows.map(({ caller, count, first, last, flag }) => [caller.sessionName, count, first, last, flag])).toEqual([
      ['bob', 1, '2026-03-10T08:00:03Z', '2026-03-10T08:00:03Z', 'name-chosen-by-caller'],
      ['alice', 2, '2026-03-10T08:00:01Z', '2026-03-10T08:00:02Z', 'session-name-claims-other-actor'],
    ]);
    expect(rows[1]?.namespaces).toEqual(['ns-2', 'ns-1']);
    expect(groupsOf(rows).map(({ key }) => key)).toEqual(['session-name-claims-other-actor', 'name-chosen-by-caller']);
  });

  it('show their actor, who differs from the name they use', () => {
    const [actor, other] = ['mallory', 'bob'].map(
      (name) => ({ kind: 'iam-user', id: `iam-user-name//${name}`, idBasis: 'name', name }) as const,
    );
    const by = (attribution: object) => {
      const reported = record('1', 'alice', ['session-name-claims-other-actor']);
      const [row] = flaggedRows(
        [{ ...reported, attribution: { ...reported.attribution, ...attribution } as never }],
        FORGED,
      );
      return row?.actors;
    };
    expect(by({ status: 'attributed', actor })).toEqual(['iam-user mallory']);
    const candidates = [actor, other].map((each) => ({ actor: each, chain: [] }));
    expect(by({ status: 'ambiguous', candidates: candidates as never })).toEqual(['iam-user mallory', 'iam-user bob']);
    expect(by({})).toEqual([]);
  });
});

describe('a session to review', () => {
  it('has a link to its page and a safely quoted command that looks it up again', () => {
    const caller = { ...row().caller, sessionName: "a'; rm -rf /", accessKeyId: accessKeyId('ASIAEXAMPLE000000000') };
    expect(sessionOfRow({ caller })).toBe('ASIAEXAMPLE000000000');
    expect(sessionOfRow({ caller: { ...caller, accessKeyId: undefined } })).toBe(`${ROLE}:a'; rm -rf /`);
    expect(whoisCommand({ caller, last: '2026-03-10T08:00:00Z' })).toBe(
      `eks-whois whois --uid aws-iam-authenticator:111122223333:${ROLE} --username ops --session-name 'a'\\''; rm -rf /' --access-key-id ASIAEXAMPLE000000000 --at 2026-03-10T08:00:00Z`,
    );
    expect(sessionOfRow(row())).toBe(`${ROLE} ops`);
  });

  it('is searched by its access key, or by uid and username', () => {
    const [uid, username] = [`aws-iam-authenticator:111122223333:${ROLE}`, 'ops'];
    expect(
      questionOfCaller({ kind: 'role-session', uid, username, accessKeyId: accessKeyId('ASIAEXAMPLE000000000') }),
    ).toBe('ASIAEXAMPLE000000000');
    expect(questionOfCaller({ kind: 'role-session', uid, username })).toBe(`${uid} ops`);
    expect(questionOfCaller({ kind: 'kubernetes-user', username })).toBe('ops');
  });

  it('is searched by an audit id if it was found by a flag', () => {
    expect(whoisCommand(row({ auditId: 'a-1' }))).toBe('eks-whois whois --audit-id a-1');
  });

  it.each([
    ['a-1', 'a-1'],
    ['--api=http://evil.example', '-- --api=http://evil.example'],
    ['-h; rm -rf /', "-- '-h; rm -rf /'"],
    ['--evidence /home', "-- '--evidence /home'"],
    ["it's - mine", "'it'\\''s - mine'"],
  ])('in a command that is shown is no option, whatever it begins with: %s', (text, shown) => {
    expect(operand(text)).toBe(shown);
  });

  it('has notes by its claim or audit id; none if the service gives no id', () => {
    expect([aboutOf(row({ id: 'c' })), aboutOf(row({ auditId: 'a' })), aboutOf(row())]).toEqual([
      'claim:c',
      'audit:a',
      undefined,
    ]);
  });

  it('is reviewed unless it was reopened; a plain note changes neither', () => {
    const note = (kind: NoteView['kind']): NoteView => ({
      id: 'n',
      about: 'claim:c',
      kind,
      text: '',
      who: { id: 'x' },
      when: '',
    });
    const newestFirst = (...kinds: readonly NoteView['kind'][]) => isReviewed(kinds.map(note), row());
    expect(newestFirst('note', 'reviewed')).toBe(true);
    expect(newestFirst('reopened', 'reviewed')).toBe(false);
    expect(newestFirst('note')).toBe(false);
    expect(newestFirst()).toBe(false);
  });

  describe('needs another review after further requests', () => {
    const markedAt = (when: string): readonly NoteView[] => [
      { id: '1', about: 'audit:x', kind: 'reviewed', text: '', who: { id: 'x' }, when },
    ];
    const [before, after] = [markedAt('2026-03-10T08:00:00.000Z'), markedAt('2026-03-10T09:00:00.000Z')];
    const last = '2026-03-10T08:30:00.123456Z';

    it('with the same audit id, which clients choose', () => {
      const forged = row({ auditId: 'a1', last });
      expect(isReviewed(before, forged)).toBe(false);
      expect(isReviewed(after, forged)).toBe(true);
    });

    it('that arrived after the review, whenever they happened', () => {
      const marked = after.map((note) => ({ ...note, seen: { count: 2, last } }));
      const forged = row({ auditId: 'a1', last, count: 2 });
      expect(isReviewed(marked, forged)).toBe(true);
      expect(isReviewed(marked, { ...forged, count: 1 })).toBe(true);
      expect(isReviewed(marked, { ...forged, count: 3 })).toBe(false);
      expect(isReviewed(marked, { ...forged, last: '2026-03-10T08:30:00.123457Z' })).toBe(false);
      const { last: _, ...timeless } = forged;
      expect(isReviewed([{ ...marked[0], seen: { count: 2 } } as NoteView], timeless)).toBe(true);
    });

    it('with the same name, which clients choose, if there is no access key', () => {
      const caller = { kind: 'role-session', sessionName: 'ops' } as const;
      expect(isReviewed(before, row({ id: 'c1', last, caller }))).toBe(false);
      expect(isReviewed(after, row({ id: 'c1', last, caller }))).toBe(true);
      expect(
        isReviewed(
          before,
          row({ id: 'c1', last, caller: { ...caller, accessKeyId: accessKeyId('ASIAALICESESSION0001') } }),
        ),
      ).toBe(true);
    });
  });
});

describe('the commands that investigate a session', () => {
  const caller = {
    kind: 'role-session',
    username: "o'ps; rm -rf ~",
    accessKeyId: accessKeyId('ASIAALICESESSION0001'),
  } as const;
  const commandsOf = (reason: Reason, more: Partial<TodoRow> = {}) =>
    rowCommands(row({ caller, reasons: [reason], ...more }));

  it('look further back if an earlier grant may explain it', () => {
    for (const reason of ['no-matching-grant', 'access-key-not-seen', 'grant-not-found'] as const)
      expect(commandsOf(reason)).toEqual([expect.stringMatching(/ --lookback 72$/)]);
    expect(commandsOf('session-name-unknown')).toEqual([expect.not.stringContaining('--lookback')]);
    expect(commandsOf('no-matching-grant', { auditId: 'a' })).toEqual(['eks-whois whois --audit-id a']);
  });

  it('show CloudTrail’s records of a contradicting key, and events that cannot be read', () => {
    expect(commandsOf('access-key-contradicts-session')[1]).toBe(
      'aws cloudtrail lookup-events --lookup-attributes AttributeKey=AccessKeyId,AttributeValue=ASIAALICESESSION0001',
    );
    for (const reason of ['malformed-identity', 'no-event-time'] as const)
      expect(commandsOf(reason)[1]).toBe(`eks-whois records --username 'o'\\''ps; rm -rf ~' --since 7d`);
  });

  it('find the cause of a group with doctor, if doctor knows it', () => {
    expect(causeCommand('no-matching-grant')).toBe('eks-whois doctor');
    expect(causeCommand('session-name-unknown')).toContain('| eks-whois doctor --aws-auth -');
    expect(causeCommand('acts-for-impersonated-user')).toBe('eks-whois doctor');
    for (const key of ['chain-loop', 'ambiguous', 'toString']) expect(causeCommand(key)).toBeUndefined();
  });
});

describe('a length of time', () => {
  it('is in its largest unit, and never negative', () => {
    expect(
      [0, 59_000, 60_000, 7_199_000, 90_000_000, -5].map((each) => durationText(each).replace(/\D+$/, '')),
    ).toEqual(['0', '59', '1', '1', '1', '0']);
  });
});

const NOTHING = {
  unchecked: [],
  clusters: [],
  usernameTemplates: [],
  impersonators: [],
  cost: undefined,
  profile: undefined,
};
const OFF = finding('audit-log-off', {
  subject: 'prod',
  evidence: 'no log type',
  mend: 'aws eks update-cluster-config',
});
const STALE = finding('mapping-stale', { subject: 'old', evidence: 'aws-auth', mend: 'take it out' });

describe('the JSON output of doctor', () => {
  it('keeps its order, the gravest finding first', () => {
    expect(findingsIn(asJson({ ...NOTHING, findings: [STALE, OFF] }))).toEqual([OFF, STALE]);
    expect(findingsIn(asJson({ ...NOTHING, findings: [] }))).toEqual([]);
  });

  it.each(['', 'no JSON', '[]', '{"findings":{}}', '{"kind":"Event"}'])(
    'is not recognized in other text: %j',
    (text) => {
      expect(findingsIn(text)).toBeUndefined();
    },
  );

  it('loses incomplete findings, because anyone may have written the file', () => {
    expect(findingsIn('{"findings":[{"id":"a"},{"mend":{}},null,"b"]}')).toEqual([]);
  });
});
