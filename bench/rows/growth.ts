import { actionOf, attribute } from '../../lib/attribution/attribute.ts';
import { KnownGrants } from '../../lib/attribution/known-grants.ts';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { parseAuditEvent } from '../../lib/audit/event.ts';
import type { JsonObject } from '../../lib/json.ts';
import { MINUTE, SECOND } from '../../lib/time.ts';
import { eventBy, roleUser } from '../../test/builders/audit-event.ts';
import { utc } from '../../test/builders/company.ts';
import { iamUser } from '../../test/builders/trail-callers.ts';
import { grant } from '../../test/builders/trail-records.ts';
import { factsOf } from '../../test/contract/stored-record.ts';
import { type LeanService, leanService } from '../growth/lean-service.ts';
import { costOf } from '../measure.ts';
import type { AllSizes } from '../options.ts';
import { type BenchLine, benchLine, type Curve, type Figures, OutputsDiffer, rounded } from '../result.ts';

/**
 * Rows of growth: each is measured at a hundredth, a tenth and the whole of its size. Twice the size should cost at
 * most twice as much.
 */

const SHARES = [0.01, 0.1, 1];
const SHARED = 'EKSGetTokenAuth';
const DELIVERY = 1_000;
const LINEAR = 'of each at most 1: linear';

export async function* growthRows({ records, named, claims }: AllSizes): AsyncGenerator<BenchLine> {
  yield answered(await each(named, ofName));
  yield grown('growth-claim', 'A claim with many records', 'records of the claim', await each(records, ofClaim));
  const quarter = () => ofBusyClaim(Math.ceil(records / 200), DELIVERIES / 4);
  await quarter(); // code is compiled
  yield busy(await ofBusyClaim(Math.ceil(records / 50), DELIVERIES), await quarter());
  yield grown('growth-claims', 'Many open claims', 'open claims, all due', await each(claims, ofClaims));
}

/** Cost at one size. */
interface GrowthPoint {
  readonly size: number;
  readonly cpuSeconds: number;
  /** Number of reads from the store. */
  readonly reads: number;
}

async function each<T>(size: number, work: (size: number) => Promise<T>): Promise<T[]> {
  await work(Math.ceil(size / 100)); // code is compiled
  const found: T[] = [];
  for (const share of SHARES) found.push(await work(Math.ceil(size * share)));
  return found;
}

/** Measures one claim without known facts: decided once, and again when its grant arrives. */
async function ofClaim(size: number): Promise<GrowthPoint> {
  const lean = leanService();
  await ingested(lean, size, () => roleUser());
  const before = lean.records.recordsRead;
  const { cpuSeconds } = await costOf(async () => {
    await lean.service.settle();
    await lean.service.grants([grant()]);
    lean.clock.pass(MINUTE);
    await lean.service.settle();
  });
  const named = lean.records.all().filter(({ record }) => record.attribution.status === 'attributed');
  if (named.length !== size) throw new OutputsDiffer(`${named.length} of ${size} records are attributed`);
  const read = lean.records.recordsRead;
  await lean.service.settle(); // nothing changed
  if (lean.records.recordsRead !== read)
    throw new OutputsDiffer(`${lean.records.recordsRead - read} records were decided again`);
  return { size, cpuSeconds, reads: read - before };
}

/** Deliveries in half a day, the longest life of a role's credentials: one every five minutes. */
const DELIVERIES = 144;

/**
 * Measures one unidentified key used for half a day: its records come in this many deliveries, and settle runs after
 * each.
 */
async function ofBusyClaim(size: number, deliveries: number): Promise<GrowthPoint> {
  const lean = leanService();
  const { cpuSeconds } = await costOf(async () => {
    for (let each = 0; each < deliveries; each += 1) {
      const [from, to] = [Math.floor((each * size) / deliveries), Math.floor(((each + 1) * size) / deliveries)];
      const events = Array.from({ length: to - from }, (_, at) => {
        const received = new Date(lean.clock.now() - MINUTE + at).toISOString();
        return eventBy(roleUser(), { auditID: `audit-${from + at}`, requestReceivedTimestamp: received });
      });
      await lean.service.ingest(events, `delivery ${each}`);
      await lean.service.settle();
      lean.clock.pass(5 * MINUTE);
    }
  });
  return { size, cpuSeconds, reads: lean.records.recordsRead };
}

/** Measures the claims of as many sessions without known facts. */
async function ofClaims(size: number): Promise<GrowthPoint> {
  const lean = leanService();
  await ingested(lean, size, (at) => roleUser({ session: `session-${at}`, key: keyOf(at) }));
  const { cpuSeconds } = await costOf(() => lean.service.settle());
  const { claimsRead: read } = lean.claims;
  await lean.service.settle(); // nothing is due
  if (lean.claims.claimsRead !== read)
    throw new OutputsDiffer(`${lean.claims.claimsRead - read} claims were decided again`);
  return { size, cpuSeconds, reads: read };
}

async function ingested({ service }: LeanService, size: number, userOf: (at: number) => JsonObject): Promise<void> {
  for (let from = 0; from < size; from += DELIVERY) {
    const events = Array.from({ length: Math.min(DELIVERY, size - from) }, (_, index) => {
      const at = from + index;
      const received = new Date(Date.parse(utc('12:00:00')) + (at / size) * 10 * MINUTE).toISOString();
      return eventBy(userOf(at), { auditID: `audit-${at}`, requestReceivedTimestamp: received });
    });
    await service.ingest(events, `delivery ${from}`);
  }
}

function keyOf(at: number): string {
  return `ASIATOKEN${String(at).padStart(11, '0')}`;
}

/** Measures one name with a week of grants: the cost of answering who used it at one moment. */
async function ofName(
  size: number,
): Promise<{ readonly size: number; readonly byName: number; readonly byKey: number }> {
  const index = new KnownGrants();
  const week = 7 * 24 * 3_600;
  const moment = Date.parse(utc('12:10:00'));
  for (let at = 0; at < size; at += 1) {
    const issued = moment - (at / size) * week * SECOND;
    const record = grant({
      by: iamUser(`user-${at % 500}`),
      session: SHARED,
      key: keyOf(at),
      id: `grant-${at}`,
      at: instantText(issued),
      until: instantText(issued + 3_600 * SECOND),
    });
    for (const facts of factsOf([record])) index.add(facts);
  }
  return { size, byName: await millisOf(index, null), byKey: await millisOf(index, keyOf(Math.floor(size / 100))) };
}

const ANSWERS = 25;

/** Returns the CPU time of one answer, without that of other programs. */
async function millisOf(index: KnownGrants, key: string | null): Promise<number> {
  const event = parseAuditEvent(eventBy(roleUser({ session: SHARED, key })));
  if (typeof event === 'string') throw new Error(event);
  const known = { index, settings: DEFAULT_SETTINGS, settled: true };
  attribute(actionOf(event, { cluster: 'prod-1' }), known); // puts the name's grants in order, once
  const { cpuSeconds } = await costOf(() => {
    for (let answers = 0; answers < ANSWERS; answers += 1) attribute(actionOf(event, { cluster: 'prod-1' }), known);
  });
  return (cpuSeconds * 1e3) / ANSWERS;
}

function instantText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

function answered(points: Awaited<ReturnType<typeof ofName>>[]): BenchLine {
  const figures = ({ size, byName, byKey }: (typeof points)[number]) => ({
    grants: size,
    cpuMillisByName: rounded(byName),
    cpuMillisByKey: rounded(byKey),
  });
  return grownLine('growth-name', points.map(figures), {
    reach: 'under 10 ms, and at most 100 times',
    note: `a week of grants of one name, by 500 users; means of ${ANSWERS} answers`,
    curve: {
      title: 'A name with many grants',
      sizes: 'grants of one name',
      costs: 'CPU milliseconds an answer',
      points: points.map(({ size, byName }) => [size, byName]),
    },
  });
}

function busy(halfADay: GrowthPoint, quarter: GrowthPoint): BenchLine {
  return benchLine('growth-busy-claim', {
    ours: figuresOfGrown(halfADay),
    against: { what: 'the first quarter of it', ...figuresOfGrown(quarter) },
    reach: LINEAR,
    note: `records of a key that nobody can name, in ${DELIVERIES} deliveries of half a day: it never is quiet`,
  });
}

function figuresOfGrown({ size, cpuSeconds, reads }: GrowthPoint) {
  return {
    size,
    cpuSeconds: rounded(cpuSeconds),
    cpuMicrosEach: rounded((cpuSeconds * 1e6) / size),
    readsEach: rounded(reads / size),
  };
}

function grown(bench: string, title: string, sizes: string, points: readonly GrowthPoint[]): BenchLine {
  return grownLine(bench, points.map(figuresOfGrown), {
    reach: LINEAR,
    note: sizes,
    curve: { title, sizes, costs: 'CPU seconds', points: points.map(({ size, cpuSeconds }) => [size, cpuSeconds]) },
  });
}

/** Compares the largest size with the smallest. */
function grownLine(
  bench: string,
  figures: readonly Figures[],
  rest: { readonly reach: string; readonly note: string; readonly curve: Curve },
): BenchLine {
  const against = { what: 'itself at a hundredth', ...figures[0] };
  return benchLine(bench, { ours: figures.at(-1) ?? {}, against, ...rest });
}
