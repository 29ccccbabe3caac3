import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import type { SessionsOutcome } from '../../lib/usecases/query/anything/outcomes.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { ARN, AROUND, BOB_ALONE, BOBS, SESSION, timeOf } from './pasted-texts.ts';
import { namedIn, overFiles, overService, type PastedWorld } from './pasted-world.ts';

beforeEach(() => void vi.spyOn(process.stderr, 'write').mockReturnValue(true)); // how many grants were read
afterEach(() => void vi.restoreAllMocks());

const POD = 'web-7d9c5b6f4-x2x4z';
const BOB = roleUser({ session: SESSION, key: BOBS, username: ARN });
const CONTROLLER = { username: 'system:serviceaccount:kube-system:replicaset-controller' };
const SCHEDULER = { username: 'system:kube-scheduler' };

interface Deed {
  readonly by: JsonObject;
  readonly verb?: string;
  readonly resource?: string;
  readonly apiGroup?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
  readonly after: number;
  readonly query?: string;
}

function done(auditID: string, { by, verb = 'create', after, query = '', ...object }: Deed): JsonObject {
  const { resource = 'pods', namespace = 'shop', ...rest } = object;
  return eventBy(by, {
    auditID,
    verb,
    requestURI: `/api/v1/namespaces/${namespace}/${resource}${query}`,
    objectRef: { resource, namespace, apiVersion: 'v1', ...rest },
    responseStatus: { metadata: {}, code: 200 },
    requestReceivedTimestamp: timeOf(after),
    stageTimestamp: timeOf(after),
  });
}

const DEPLOYMENT = { resource: 'deployments', apiGroup: 'apps', name: 'web' };
const PATCHED = done('patched', { by: BOB, verb: 'patch', ...DEPLOYMENT, after: -2_000 });
const NAMELESS = done('nameless', { by: CONTROLLER, after: -1_000 });
const BOUND = done('bound', { by: SCHEDULER, name: POD, subresource: 'binding', after: 0 });
const REPORTED = done('reported', {
  by: { username: 'system:node:ip-10-0-0-7' },
  verb: 'patch',
  name: POD,
  subresource: 'status',
  after: 1_000,
});

const OTHERS = [
  done('long-before', { by: CONTROLLER, after: -600_000 }),
  done('elsewhere', { by: CONTROLLER, namespace: 'web', after: -1_000 }),
  done('of-another', { by: BOB, verb: 'patch', ...DEPLOYMENT, name: 'web-2', after: -2_000 }),
  done('of-other-namespace', { by: BOB, verb: 'patch', ...DEPLOYMENT, namespace: 'web', after: -2_000 }),
  done('rehearsed', { by: BOB, verb: 'patch', ...DEPLOYMENT, after: -2_000, query: '?dryRun=All' }),
  done('later', { by: BOB, verb: 'patch', ...DEPLOYMENT, after: 60_000 }),
];

const worldOf = (...events: readonly JsonObject[]): PastedWorld => ({
  grants: BOB_ALONE,
  events: [...AROUND, ...events],
});
const ALL = worldOf(PATCHED, NAMELESS, BOUND, REPORTED, ...OTHERS);
const QUESTION = `who created pod ${POD} in namespace shop?`;

describe.each([
  ['files', overFiles],
  ['the service', overService],
] as const)('a pod that a controller created, over %s', (_, ask) => {
  const answerTo = async (world: PastedWorld, text: string) => {
    const answer = await ask(world, text);
    expect(namedIn(answer)).toEqual([]);
    const [found] = answer.found;
    const outcome = found?.outcome;
    const note = outcome?.kind === 'not-known' ? outcome.why : (outcome?.note ?? '');
    return { note, inLog: outcome?.kind === 'sessions' ? outcome.inLog : undefined };
  };
  const idsIn = ({ inLog }: Pick<SessionsOutcome, 'inLog'>) => inLog?.listed?.map(({ auditId }) => auditId);

  it('leads to the creation of a pod without a name, and to whoever changed its workload', async () => {
    const answer = await answerTo(ALL, QUESTION);
    expect([answer.inLog?.result, answer.inLog?.requests, idsIn(answer)]).toEqual(['none', 0, ['nameless', 'patched']]);
    expect(answer.note).toContain('A controller creates pods without stating their names.');
    expect(answer.note).toContain(
      'Such creations shortly before this pod was there: 1 by system:serviceaccount:kube-system:replicaset-controller.',
    );
    expect(answer.note).toMatch(
      /Changes of workloads that can have created it, by the pod's name: 1 by bob\. The last was at 2026-03-10T12:09:58\S*Z: patch deployments\/web\./,
    );
  });

  it.each(['who created pod web-7d9c5b6f4-x2x4z?', 'who created web-7d9c5b6f4-x2x4z'])(
    'is searched in each namespace in which it got a node, if none is stated: %s',
    async (text) => {
      expect(idsIn(await answerTo(ALL, text))).toEqual(['nameless', 'patched']);
    },
  );

  it('is not created by the scheduler, which only binds it', async () => {
    const { note, inLog } = await answerTo(worldOf(BOUND, REPORTED), QUESTION);
    expect(inLog?.listed?.map(({ auditId }) => auditId)).toEqual(['reported']);
    expect(note).toContain('They are other requests');
    expect(note).toContain('eks-whois records --verb create --resource pods --namespace shop');
  });

  it('has the same beside the changes of the pod itself, if the pod is pasted', async () => {
    const metadata = { name: POD, namespace: 'shop', creationTimestamp: timeOf(-1_000) };
    const answer = await answerTo(ALL, JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata }));
    expect(idsIn(answer)).toEqual(['reported']);
    expect(answer.note).toContain('1 by system:serviceaccount:kube-system:replicaset-controller');
    expect(answer.note).toContain(': patch deployments/web.');
  });

  it('is not meant if a person created a pod of this name', async () => {
    const created = done('created', { by: BOB, name: POD, after: -1_000 });
    const answer = await answerTo(worldOf(PATCHED, NAMELESS, created, BOUND), QUESTION);
    expect([idsIn(answer), answer.note]).toEqual([['created'], expect.not.stringContaining('A controller')]);
  });

  it('is the pod of a StatefulSet, whose controller states its name: only the changes of the workload are added', async () => {
    const created = done('created', { by: CONTROLLER, name: 'web-0', after: -1_000 });
    const scaled = { ...DEPLOYMENT, resource: 'statefulsets', subresource: 'scale', verb: 'patch', after: -2_000 };
    const answer = await answerTo(
      worldOf(done('scaled', { by: BOB, ...scaled }), created),
      'who created pod web-0 in namespace shop?',
    );
    expect(idsIn(answer)).toEqual(['created']);
    expect(answer.note).toContain("by the pod's name: 1 by bob.");
    expect(answer.note).not.toContain('without');
  });

  it('is not meant by a question about what else was done to it', async () => {
    const { note } = await answerTo(ALL, `who deleted pod ${POD} in namespace shop?`);
    expect(note).not.toContain('A controller creates pods');
  });
});
