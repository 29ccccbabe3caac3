import { type AccountCost, ASSUMED_SHARE, type LogVolume } from '../../lib/cost/account.ts';
import { type CostLine, ownDollars } from '../../lib/cost/estimate.ts';
import { PRICES_OF } from '../../lib/cost/prices.ts';
import { indented } from './section.ts';

/** A month by service, by what it was estimated, and the command that has each line of it. */
export function costText({ days, clusters, lines, command }: AccountCost): string {
  const services = [...dollarsByService(lines)].map(([service, dollars]) => `${service} ${dollars.toFixed(2)}`);
  return `COST of the service a month, an estimate in US dollars (list prices of us-east-1, ${PRICES_OF})\n${indented([
    `${ownDollars(lines).toFixed(2)}: ${services.join(', ')}; beside it ${auditLogDollars(lines).toFixed(2)} for CloudWatch Logs, with or without this service`,
    ...clusters.map(volumeText),
    `by the log groups' metrics of the last ${days} days: all of each group's logs, audit and others. Each part, and with other numbers: ${command}`,
  ])}`;
}

/** For programs: what the text says. */
export function costJson({ days, clusters, lines, command }: AccountCost) {
  const services = [...dollarsByService(lines)].map(([service, dollars]) => [service, cents(dollars)]);
  return {
    days,
    pricesOf: PRICES_OF,
    month: { own: cents(ownDollars(lines)), auditLog: cents(auditLogDollars(lines)) },
    services: Object.fromEntries(services),
    clusters,
    command,
  };
}

function volumeText({ cluster, region, gbPerDay, logEventsPerDay, passingPerDay, passingBy }: LogVolume): string {
  const all = `${short(gbPerDay)} GB and ${short(logEventsPerDay)} log events a day`;
  return `${cluster} (${region}): ${all}, of which ${short(passingPerDay)} pass the filter (${HOW[passingBy]})`;
}

const HOW = {
  forwarded: 'as its subscription forwards',
  counted: 'as Logs Insights counts the last day',
  assumed: `assumed, 1 in ${1 / ASSUMED_SHARE}: no subscription tells, --count-events counts them`,
} as const;

function dollarsByService(lines: readonly CostLine[]): ReadonlyMap<string, number> {
  const own = Map.groupBy(
    lines.filter(({ withoutUs }) => !withoutUs),
    ({ service }) => service,
  );
  return new Map([...own].map(([service, each]) => [service, ownDollars(each)]));
}

function auditLogDollars(lines: readonly CostLine[]): number {
  return lines.reduce((sum, { withoutUs, dollars }) => sum + (withoutUs ? dollars : 0), 0);
}

function short(number: number): string {
  return number.toLocaleString('en-US', { maximumSignificantDigits: 3 });
}

function cents(dollars: number): number {
  return Number(dollars.toFixed(2));
}
