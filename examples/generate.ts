import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { awsAuth } from './aws-auth.ts';
import { ACCOUNTS, PROD, STAGING } from './company.ts';
import { type Day, day, expectations, inProdEvening } from './day.ts';
import {
  eventBridgeEnvelopes,
  filterLogEventsAnswer,
  insightsAnswer,
  logFile,
  logFileName,
  lookupEventsAnswer,
  subscriptionPayloads,
} from './envelopes.ts';
import { formFiles } from './forms.ts';
import { withAnswers } from './table.ts';

/** Writes examples/audit, examples/cloudtrail, examples/forms, examples/line.json, examples/aws-auth.yaml and the table in the README, the same bytes every time: `npm run examples`. */

type Files = ReadonlyMap<string, string>;

/** The hours at which a file ends. A trail's file is delivered soon after. */
const PROD_FILES = ['06', '09', '12', '18'];
const TRAIL_FILES: readonly (readonly [until: string, delivered: string])[] = [
  ['06', '20260310T0605Z'],
  ['12', '20260310T1205Z'],
  ['18', '20260310T1805Z'],
  ['24', '20260311T0005Z'],
];

function auditFiles({ events }: Day): Files {
  const ofProd = events.filter(({ event }) => event.cluster === PROD);
  const hour = (stageTime: string) => stageTime.slice(11, 13);
  const files = new Map<string, string>();
  let from = '00';
  for (const until of PROD_FILES) {
    const part = ofProd.filter(({ event }) => hour(event.stageTime) >= from && hour(event.stageTime) < until);
    // Delivery is at least once: each file begins with the event that ended the one before it.
    const redelivered = ofProd.filter(({ event }) => hour(event.stageTime) < from).slice(-1);
    files.set(
      `audit/prod/2026-03-10T${from}.jsonl`,
      subscriptionPayloads(PROD, [...redelivered, ...part], `${from}:20:31`),
    );
    from = until;
  }
  files.set('audit/prod-evening.json', filterLogEventsAnswer(PROD, events.filter(inProdEvening)));
  files.set(
    'audit/staging.json',
    insightsAnswer(
      STAGING,
      events.filter(({ event }) => event.cluster === STAGING),
    ),
  );
  return files;
}

function trailFiles({ trail }: Day): Files {
  const files = new Map<string, string>();
  const inRegion = trail.filter(({ region }) => region !== 'us-east-1');
  for (const accountId of [ACCOUNTS.identity, ACCOUNTS.prod, ACCOUNTS.staging]) {
    let from = '00';
    for (const [until, delivered] of TRAIL_FILES) {
      const part = inRegion.filter((each) => each.accountId === accountId && each.at >= from && each.at < until);
      if (part.length > 0) files.set(`cloudtrail/${accountId}/${logFileName(accountId, delivered)}`, logFile(part));
      from = until;
    }
  }
  const ofProd = inRegion.filter((each) => each.accountId === ACCOUNTS.prod);
  const again = ofProd.filter(({ at }) => at >= '08' && at < '10');
  files.set(`cloudtrail/${ACCOUNTS.prod}/${logFileName(ACCOUNTS.prod, '20260310T1235Z')}`, logFile(again));
  const global = trail.filter(({ region }) => region === 'us-east-1');
  files.set('cloudtrail/lookup-events-us-east-1.json', lookupEventsAnswer(global));
  const afternoon = inRegion.filter(({ accountId, at, record }) => {
    const ofSts = record.eventSource === 'sts.amazonaws.com' && record.eventName !== 'GetCallerIdentity';
    return ofSts && accountId === ACCOUNTS.staging && at >= '14' && at < '16';
  });
  files.set('cloudtrail/eventbridge.jsonl', eventBridgeEnvelopes(afternoon));
  return files;
}

/** Returns the first deletion in prod as a line of its audit log, as copied from CloudWatch's console. */
function line({ events }: Day): string {
  const deletion = events.find(({ event }) => event.cluster === PROD && event.event.verb === 'delete');
  return `${JSON.stringify(deletion?.event.event)}\n`;
}

/** Returns every file of the example, by its path below this folder. */
export function exampleFiles(): Files {
  const today = day();
  return new Map([
    ...auditFiles(today),
    ...trailFiles(today),
    ...formFiles(today),
    ['line.json', line(today)],
    ['aws-auth.yaml', awsAuth()],
  ]);
}

function write(folder: string): void {
  for (const output of ['audit', 'cloudtrail', 'forms/audit', 'forms/cloudtrail'])
    rmSync(join(folder, output), { recursive: true, force: true });
  for (const [path, text] of exampleFiles()) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const readme = join(folder, 'README.md');
  writeFileSync(readme, withAnswers(readFileSync(readme, 'utf8'), expectations()));
}

if (import.meta.main) write(import.meta.dirname);
