import { clusterInFull } from '../../lib/identity/cluster.ts';
import type { Remnant } from './left.ts';
import { asText, type Outcome, type Rehearsal } from './rehearsal.ts';

type Result<K extends keyof Rehearsal> = Rehearsal[K] extends (...given: never[]) => Promise<infer R> ? R : never;

/** The result of a step of the rehearsal. */
export type Step =
  | ({ readonly name: 'roll-out' } & Result<'rollOut'>)
  | ({ readonly name: 'day'; readonly day: number } & Result<'day'>)
  | ({ readonly name: 'poisoned account' } & Result<'poison'>)
  | ({ readonly name: 'dark cluster' } & Result<'darken'>)
  | ({ readonly name: 'upgrade' } & Result<'upgrade'>)
  | ({ readonly name: 'leaving account' } & Result<'leave'>)
  | ({ readonly name: 'removal' } & Result<'remove'>);

interface StepText {
  readonly heading: string;
  readonly lines: readonly (readonly [string, string])[];
  /** The output of the commands that are shown. */
  readonly printed?: readonly { readonly command: string; readonly output: string }[];
  /** The checks of the step, and whether each holds. */
  readonly holds: readonly (readonly [string, boolean])[];
}

/** Prints a step; returns whether all holds that must hold. */
export function printStep(step: Step): boolean {
  const { heading, lines, printed = [], holds } = shown(step);
  const shownLines = [...lines, ...step.errors.slice(0, 3).map((error) => ['error', error] as const)];
  process.stdout.write(`\n## ${heading}\n\n`);
  for (const [what, text] of shownLines) process.stdout.write(`${what.padEnd(28)}${text}\n`);
  for (const { command, output } of printed) process.stdout.write(`\n$ ${command}\n${beginning(output)}\n`);
  for (const [what, isSo] of holds) process.stdout.write(`${isSo ? 'ok' : 'FAILED'}  ${what}\n`);
  return holds.every(([, isSo]) => isSo);
}

/** Returns the first lines, and how many more there are. */
function beginning(output: string, most = 8): string {
  const lines = output.trimEnd().split('\n');
  const left = lines.length - most;
  return left > 1 ? [...lines.slice(0, most), `… ${left} more lines`, ''].join('\n') : output;
}

function shown(step: Step): StepText {
  switch (step.name) {
    case 'roll-out':
      return rollOut(step);
    case 'day':
      return day(step);
    case 'poisoned account':
      return poisoned(step);
    case 'dark cluster':
      return dark(step);
    case 'upgrade':
      return upgrade(step);
    case 'leaving account':
      return leaving(step);
    case 'removal':
      return removal(step);
  }
}

function rollOut({ accounts, clusters, fleet, printed }: Result<'rollOut'>): StepText {
  const subscribed = fleet.filter((row) => row.subscribed === 'subscribed');
  return {
    heading: 'Roll-out: a hub, and a spoke in each account and Region',
    lines: [
      ['accounts', `${accounts}, and those of the hub and of the organization`],
      ['clusters', String(clusters)],
    ],
    printed: [{ command: 'eks-whois fleet', output: printed }],
    holds: [['every cluster is subscribed', subscribed.length === clusters]],
  };
}

function day({ day: nth, alarms, errors, ...rest }: { day: number } & Result<'day'>): StepText {
  return {
    heading: `Day ${nth} of the week`,
    lines: [traffic(rest), ['alarms', alarms.join('; ') || 'none']],
    holds: [
      ['every event is recorded and has its name', isWhole(rest)],
      ['no alarm is raised, and nothing failed', alarms.length === 0 && errors.length === 0],
    ],
  };
}

function poisoned(step: Result<'poison'>): StepText {
  const { account, deliveries, denied, forgedRecords, others, refused, rejected, otherOrigin, alarms } = step;
  const { garbage, forgedOwner, forgedTrail, flood, usual } = deliveries;
  const refusals = Object.entries(refused).map(([of, times]) => `${times} deliveries of ${of}`);
  return {
    heading: `A poisoned account: ${account}`,
    lines: [
      ['it sends', `${garbage} deliveries of garbage`],
      ['', `${forgedOwner} deliveries that state another account's log group`],
      ['', `${forgedTrail} forged grant as an audit event`],
      ['', `${flood} deliveries instead of ${usual}`],
      ["it puts on the grants' bus", '1 forged grant'],
      ['refused', [...refusals, `${denied.forgedGrants} grant by the bus`].join(', ')],
      ['set aside', `${rejected + otherOrigin} in all`],
      ['alarms', alarms.join('; ')],
      ['the others', traffic(others)[1]],
    ],
    holds: [
      [
        "every forged delivery is refused, and nobody else's",
        Object.keys(refused).join() === account && refused[account] === garbage + forgedOwner,
      ],
      ['the forged grants are not taken', denied.forgedGrants === 1 && rejected + otherOrigin > garbage + forgedOwner],
      ['no forged event has a record', forgedRecords === 0],
      ['an alarm names the account', alarms.some((alarm) => alarm.includes(account))],
      ['no alarm names another', alarms.every((alarm) => alarm === 'set-aside' || alarm.includes(account))],
      ["the others' events are recorded and have their names", isWhole(others)],
    ],
  };
}

function dark({ cluster, hours, troubled, printed, others, alarms }: Result<'darken'>): StepText {
  return {
    heading: `A dark cluster: ${cluster}`,
    lines: [
      ['an alarm is raised after', `${hours} h`],
      ['alarms', alarms.join('; ')],
      ['the others', traffic(others)[1]],
    ],
    printed: [{ command: 'eks-whois fleet --troubled', output: printed }],
    holds: [
      ['the alarm names this cluster alone', alarms.join() === `fleet: cluster-silent ${clusterInFull(cluster)}`],
      ['the fleet lists this cluster alone', troubled.length === 1 && cluster.endsWith(`/${troubled[0]?.cluster}`)],
      ["the others' events are recorded and have their names", isWhole(others)],
    ],
  };
}

function upgrade({ to, versions, before, between, after, alarms, errors }: Result<'upgrade'>): StepText {
  const phases = { before, 'with the new hub': between, 'with new spokes': after };
  return {
    heading: `An upgrade to ${to}`,
    lines: [
      ...Object.entries(phases).map(([when, outcome]) => [when, traffic(outcome)[1]] as const),
      ['versions', versions.join(', ')],
      ['alarms', alarms.join('; ') || 'none'],
    ],
    holds: [
      ['no event is lost', Object.values(phases).every(isWhole)],
      ['every stack has the new version', versions.join() === to],
      ['no alarm is raised, and nothing failed', alarms.length === 0 && errors.length === 0],
    ],
  };
}

function leaving(step: Result<'leave'>): StepText {
  const { account, unsubscribed, left, isAdmitted, removed, days, others } = step;
  const alarms = days.map((day) => day.alarms);
  return {
    heading: `An account leaves the organization: ${account}`,
    lines: [
      ...unsubscribed.map((text) => ['its stacks', text] as const),
      ...listed(left),
      ['eks-whois fleet', removed.map((row) => `${row.region} ${row.version}`).join(', ')],
      ...alarms.map((rung, nth) => [`alarms on day ${nth + 1}`, rung.join('; ') || 'none'] as const),
      ['the others', traffic(others)[1]],
    ],
    holds: [
      ['nothing of the service is left in it', left.length === 0],
      ['the bus takes nothing of it any more', !isAdmitted],
      [
        'the fleet lists its stacks as removed',
        removed.length > 0 && removed.every(({ version }) => version === 'removed'),
      ],
      ['alarms say that it is gone, and nothing else', alarms.flat().every((each) => each.includes(account))],
      ['after two days no alarm is raised', alarms.length <= 3 && alarms.at(-1)?.length === 0],
      ["the others' events are recorded and have their names", isWhole(others)],
    ],
  };
}

/** Resources that stay by design (docs/deploy.md): the tables, and the buckets with the releases. Unlike CloudFormation, moto deletes no managed policy. */
const STAYS = ['table', 'bucket', 'managed policy'];

function removal({ unsubscribed, left }: Result<'remove'>): StepText {
  return {
    heading: 'Removal',
    lines: [...unsubscribed.map((text) => ['stacks', text] as const), ...listed(left)],
    holds: [
      [
        'only tables and buckets are left, and the managed policy that moto leaves',
        left.every(({ kind }) => STAYS.includes(kind)),
      ],
    ],
  };
}

function listed(left: readonly Remnant[]): (readonly [string, string])[] {
  return left.length === 0 ? [['left', 'nothing']] : left.map((each) => ['left', asText(each)]);
}

function traffic({ sent, recorded, named }: Outcome): readonly [string, string] {
  return ['traffic', `${sent} events, ${recorded} recorded, ${named} named`];
}

export function isWhole({ sent, recorded, named }: Outcome): boolean {
  return sent > 0 && recorded === sent && named === sent;
}
