import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AnythingAnswer, Outcome } from '../../lib/usecases/query/anything/outcomes.ts';
import { cases } from '../builders/chance.ts';
import { BOBS, GRANTS, MALLORYS, STRANGERS } from './pasted-texts.ts';
import { namedIn, overFiles, overService } from './pasted-world.ts';
import { EXEC, type Exec, PROCESS_ALERTS, worldOf } from './started-process.ts';

beforeEach(() => void vi.spyOn(process.stderr, 'write').mockReturnValue(true)); // how many grants were read
afterEach(() => void vi.restoreAllMocks());

const FORMS = ['falco', 'line', 'guardduty'] as const;
const PLACES = { files: overFiles, service: overService } as const;

function only({ found }: AnythingAnswer): Outcome {
  const [one] = found;
  if (one === undefined || found.length > 1) throw new Error(`${found.length} answers`);
  return one.outcome;
}

describe.each(['files', 'service'] as const)('a process that started in a pod, over %s', (place) => {
  const ask = PLACES[place];

  it.each(FORMS)('leads to the exec just before it: %s', async (form) => {
    const answer = await ask(worldOf([EXEC], GRANTS), PROCESS_ALERTS[form]({ ...EXEC, after: 300 }));
    expect(only(answer)).toMatchObject({
      record: { auditId: 'exec-0' },
      attribution: { status: 'attributed', actor: { name: 'bob' } },
      inLog: { result: 'one-caller', agrees: ['time', 'resource', 'action'], differs: [] },
      note: expect.stringContaining('The audit log has this request, made just before the process started.'),
    });
  });

  it.each<[string, Partial<Exec>, string]>([
    ['more than 2 s before', { after: -1_701 }, 'similar'],
    ['after it', { after: 301 }, 'similar'],
    ['of another command', { command: 'id' }, 'similar'],
    ['of another pod', { pod: 'web-1' }, 'none'],
    ['of a pod of that name in another namespace', { namespace: 'other' }, 'none'],
  ])('names nobody by an exec %s', async (_, other, result) => {
    const answer = await ask(worldOf([{ ...EXEC, ...other }], GRANTS), PROCESS_ALERTS.falco({ ...EXEC, after: 300 }));
    expect(namedIn(answer)).toEqual([]);
    expect(only(answer)).toMatchObject({ inLog: { result } });
  });

  it.each<[string, string]>([
    ['sh -c id', 'sh'],
    ['sh', 'sh -c id'],
    ['sh -c env PGPASSWORD=hunter2 psql', 'sh -c curl evil|sh'],
    ['sh -c env PGPASSWORD=hunter2 psql', 'sh -c env PGPASSWORD=x;id psql'],
    ['mysql --password hunter2 shop', 'mysql -e drop'],
  ])('names nobody by an exec of %s, if the process is %s', async (command, started) => {
    const world = worldOf([{ ...EXEC, command }], GRANTS);
    for (const form of ['falco', 'line'] as const) {
      const answer = await ask(world, PROCESS_ALERTS[form]({ ...EXEC, command: started, after: 300 }));
      expect(namedIn(answer)).toEqual([]);
      expect(only(answer)).toMatchObject({ inLog: { result: 'similar' } });
    }
  });

  it.each<[string, string, readonly string[]]>([
    ['sh -c cat /etc/shadow; id', 'cat /etc/shadow', []],
    ['bash', 'id -u', []],
    ['sh -c id', 'sh', ['action']],
    ['ls', 'cat /etc/shadow', ['action']],
  ])(
    'names nobody by an exec of %s, if the process is %s, but calls the command of a shell no different one',
    async (command, started, differs) => {
      const alert = PROCESS_ALERTS.falco({ ...EXEC, command: started, after: 300 });
      const answer = await ask(worldOf([{ ...EXEC, command }], GRANTS), alert);
      expect(namedIn(answer)).toEqual([]);
      expect(only(answer)).toMatchObject({ inLog: { result: 'similar', differs } });
    },
  );

  it('names nobody by an exec of a whole command, if the finding states the program alone', async () => {
    const world = worldOf([{ ...EXEC, command: 'sh -c id' }], GRANTS);
    const answer = await ask(world, PROCESS_ALERTS.guardduty({ ...EXEC, after: 300 }));
    expect(namedIn(answer)).toEqual([]);
  });

  it('names no single caller if somebody else ran the same program with arguments, and the finding states the program alone', async () => {
    const others = { ...EXEC, key: MALLORYS, after: 100, command: 'sh -c id' };
    const answer = await ask(worldOf([EXEC, others], GRANTS), PROCESS_ALERTS.guardduty({ ...EXEC, after: 300 }));
    expect(namedIn(answer)).toEqual([]);
    expect(only(answer)).toMatchObject({ inLog: { result: 'several', requests: 2 } });
  });

  it('leads to an exec whose secrets the log masked', async () => {
    const command = 'sh -c env PGPASSWORD=hunter2 psql';
    const answer = await ask(
      worldOf([{ ...EXEC, command }], GRANTS),
      PROCESS_ALERTS.falco({ ...EXEC, command, after: 300 }),
    );
    expect(namedIn(answer)).toEqual(['bob']);
  });

  it.each(['falco', 'line'] as const)('names nobody if another process of the pod started it: %s', async (form) => {
    for (const [parent, named] of [
      ['runc:[1:CHILD]', ['bob']],
      ['containerd-shim', ['bob']],
      ['bash', []],
    ] as const) {
      const answer = await ask(worldOf([EXEC], GRANTS), PROCESS_ALERTS[form]({ ...EXEC, parent, after: 300 }));
      expect(namedIn(answer)).toEqual(named);
    }
  });

  it.each(['sh ab=x', 'sh )x', 'sh terminal=1', 'sh parent=runc'])(
    'is not read in parts, whatever the file that the shell runs is called: %s',
    async (command) => {
      const answer = await ask(worldOf([EXEC], GRANTS), PROCESS_ALERTS.line({ ...EXEC, command, after: 300 }));
      expect(namedIn(answer)).toEqual([]);
    },
  );

  it.each<[string, Partial<Exec>, string]>([
    ['was open', { until: 60_000 }, 'The connection of this request was open when the process started'],
    ['can have been open', { until: 'unknown' }, 'The log does not show when the connection of this request ended'],
    [
      'was open, of another command',
      { until: 60_000, command: 'bash' },
      'The connection of this request was open when the process started',
    ],
    [
      'began 11 h before',
      { after: -11 * 3_600_000, until: 60_000 },
      'The connection of this request was open when the process started',
    ],
  ])('shows an exec that %s when it started, and names nobody', async (_, fields, note) => {
    for (const form of FORMS) {
      const process = { ...EXEC, after: 30_000, parent: 'bash' };
      const answer = await ask(worldOf([{ ...EXEC, ...fields }], GRANTS), PROCESS_ALERTS[form](process));
      expect(namedIn(answer)).toEqual([]);
      expect(only(answer)).toMatchObject({
        inLog: { result: 'similar', requests: 1 },
        note: expect.stringContaining(`not itself the command of an exec. ${note}`),
      });
    }
  });

  it('shows each exec that was open when it started, whatever its command', async () => {
    const execs = [
      { ...EXEC, until: 60_000 },
      { ...EXEC, key: MALLORYS, after: 29_000, command: 'bash', until: 'unknown' },
    ] as const;
    const answer = await ask(worldOf(execs, GRANTS), PROCESS_ALERTS.falco({ ...EXEC, after: 30_000 }));
    expect(namedIn(answer)).toEqual([]);
    expect(only(answer)).toMatchObject({
      inLog: { result: 'similar', requests: 2 },
      note: expect.stringContaining(
        '1 of these connections was open when the process started. The log does not show when 1 of them ended.',
      ),
    });
  });

  it.each<[string, Partial<Exec>, string]>([
    ['had ended', { until: 20_000 }, 'none'],
    ['was refused', { until: 60_000, code: 403 }, 'none'],
    ['began more than 12 h before', { after: -13 * 3_600_000, until: 60_000 }, 'none'],
  ])('is not by an exec that %s', async (_, fields) => {
    const answer = await ask(
      worldOf([{ ...EXEC, ...fields }], GRANTS),
      PROCESS_ALERTS.falco({ ...EXEC, after: 30_000 }),
    );
    expect(namedIn(answer)).toEqual([]);
    expect(only(answer)).toMatchObject({
      note: expect.stringContaining('no exec or attach of this pod that was open then'),
    });
  });

  it.each<[string, string, readonly string[]]>([
    ['/bin/dash', 'sh', ['bob']],
    ['/bin/busybox', 'sh', ['bob']],
    ['/bin/sh', 'dash', ['bob']],
    ['/usr/bin/python3', 'python', []],
    ['/bin/busybox', 'busybox', []],
  ])('is compared by its path %s and its name %s', async (path, command, named) => {
    const answer = await ask(worldOf([EXEC], GRANTS), PROCESS_ALERTS.guardduty({ ...EXEC, command, path, after: 300 }));
    expect(namedIn(answer)).toEqual(named);
    expect(only(answer)).toMatchObject({ inLog: { differs: command === 'python' ? ['action'] : [] } });
  });

  it('can name a workload: then each exec of its pods can be the one', async () => {
    const finding = PROCESS_ALERTS.guardduty({ ...EXEC, pod: 'web', after: 300 }).replace('"pods"', '"statefulsets"');
    const others = { ...EXEC, pod: 'webhook-0' };
    const answer = await ask(worldOf([EXEC, others], GRANTS), finding);
    expect(namedIn(answer)).toEqual([]);
    expect(only(answer)).toMatchObject({
      inLog: { result: 'similar', requests: 1 },
      note: expect.stringContaining('The text does not say the pod.'),
    });
  });

  it('names nobody if two people ran the same command in the pod', async () => {
    const both = [EXEC, { ...EXEC, key: MALLORYS, after: -500 }];
    const answer = await ask(worldOf(both, GRANTS), PROCESS_ALERTS.falco({ ...EXEC, after: 300 }));
    expect(namedIn(answer)).toEqual([]);
    expect(only(answer)).toMatchObject({ kind: 'sessions', inLog: { result: 'several', requests: 2 } });
  });
});

const exec: fc.Arbitrary<Exec> = fc.record({
  key: fc.constantFrom(BOBS, MALLORYS, STRANGERS),
  after: fc.constantFrom(-60_000, -1_800, -1_000, 0, 200, 400, 60_000),
  pod: fc.constantFrom('web-0', 'web-1'),
  namespace: fc.constantFrom('shop', 'web'),
  command: fc.constantFrom('sh', 'sh -c id', 'bash'),
});

describe('an alert about a process names nobody but who alone can have started it', () => {
  it.each(['files', 'service'] as const)('over %s', async (place) => {
    await fc.assert(
      fc.asyncProperty(fc.array(exec, { maxLength: 4 }), exec, fc.constantFrom(...FORMS), async (execs, seen, form) => {
        const alert = { ...seen, after: 300 };
        const named = namedIn(await PLACES[place](worldOf(execs, GRANTS), PROCESS_ALERTS[form](alert)));
        const ofPod = execs.filter(({ pod, namespace }) => pod === alert.pod && namespace === alert.namespace);
        const near = ofPod.filter(({ after }) => Math.abs(after - alert.after) <= 2_000);
        const stated = form === 'guardduty' ? alert.command.split(' ')[0] : alert.command;
        const same = near.filter(({ command }) => command === stated);
        const owners = new Set(same.map(({ key }) => ({ [BOBS]: 'bob', [MALLORYS]: 'mallory' })[key]));
        const [owner, ...others] = owners;
        const isSure = others.length === 0 && owner !== undefined && same.some(({ after }) => after <= alert.after);
        expect(named).toEqual(isSure ? [owner] : []);
      }),
      { numRuns: cases(60) },
    );
  });
});
