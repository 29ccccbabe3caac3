import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { costText } from '../../cli/cost/cost.ts';
import { alarmResources } from '../../infra/alarms.ts';
import { dashboardResources } from '../../infra/dashboard.ts';
import type { Deployment } from '../../infra/deployment.ts';
import { functionDefinitions } from '../../infra/functions.ts';
import { queuesOf } from '../../infra/queues.ts';
import {
  dollarsOfMillionEvents,
  dollarsOfMillionRecords,
  dollarsOfMillionWithGrants,
  dollarsSaved,
  estimatedCosts,
  ownDollars,
  type Usage,
} from '../../lib/cost/estimate.ts';
import { INGEST, LOG_BYTES, STACK } from '../../lib/cost/unit-counts.ts';
import { type JsonObject, keysOf } from '../../lib/json.ts';
import { METRICS } from '../../lib/metrics.ts';
import { runCommand } from '../builders/command.ts';
import { documentOf } from '../docs/document.ts';
import { deployed } from '../functions/deployed.ts';
import { metricsOfAlarm } from '../infra/reading.ts';
import { deploymentOf } from '../infra/stacks.ts';

const HUB = '111122223333';

/** The example day of docs/cost.md. */
const DAY: Usage = {
  events: 100_000,
  omittedShare: 0,
  sessions: 2_000,
  grants: 40_000,
  lateShare: 0,
  hoursOfSession: 1,
  pods: 0,
  questions: 500,
  auditGb: 20 / 30,
  clusters: 1,
  spokes: 0,
  forwardingStacks: 0,
  recordDays: 90,
  sessionDays: 97,
  logDays: 30,
};

describe('the cost of a month', () => {
  const dollarsOf = (usage: Usage, what: string) =>
    estimatedCosts(usage).find((line) => line.what.startsWith(what))?.dollars ?? 0;

  it('is what docs/cost.md computes', () => {
    expect(dollarsOf(DAY, 'the audit log itself, taken in')).toBeCloseTo(10, 2);
    expect(dollarsOf(DAY, 'writes: records')).toBeCloseTo(11.25, 3);
    expect(dollarsOf(DAY, 'writes: sessions')).toBeCloseTo(0.6375, 3);
    expect(dollarsOf({ ...DAY, lateShare: 1 }, 'writes: records')).toBeCloseTo(15, 3);
    expect(dollarsOf(DAY, 'writes: grants')).toBeCloseTo(4.5, 3);
    expect(dollarsOf(DAY, 'records of 90 days')).toBeCloseTo(5.2875, 3);
    expect(dollarsOf(DAY, 'grants of 97 days')).toBeCloseTo(2.716, 3);
    expect(dollarsOf(DAY, 'metrics') + dollarsOf(DAY, 'alarms')).toBeCloseTo(16.8, 2);
    expect(dollarsOf(DAY, 'dashboard')).toBe(3);
    expect(dollarsOf(DAY, "the functions' own logs")).toBeCloseTo(0.17, 2);
    expect(dollarsOf(DAY, 'traces')).toBeCloseTo(1.21, 2);
    const page = documentOf('docs/cost.md');
    expect(STACK.metrics).toBe(Object.keys(METRICS).length);
    expect(page).toContain(`${STACK.metrics} metrics (`);
    expect(page).toContain(`each of the ${STACK.alarms} metrics that its alarms watch`);
    expect(page).toContain(`the ${STACK.alarmsOfSpoke + STACK.alarmsOfForwarding} metrics that its alarms watch`);
  });

  it('excludes the audit log itself from the cost of the service', () => {
    expect(ownDollars(estimatedCosts(DAY))).toBeCloseTo(ownDollars(estimatedCosts({ ...DAY, auditGb: undefined })), 6);
  });

  it('grows with the records by the cost of a million more', () => {
    const million = { ...DAY, events: DAY.events + 1e6 / 30 };
    const more = ownDollars(estimatedCosts(million)) - ownDollars(estimatedCosts(DAY));
    expect(more).toBeCloseTo(dollarsOfMillionRecords(), 6);
  });

  it('writes and stores nothing of omitted requests, but Lambda reads them', () => {
    const quiet = { ...DAY, omittedShare: 0.6 };
    for (const what of ['writes: records', 'writes: counters', 'records of 90 days'])
      expect(dollarsOf(quiet, what)).toBeCloseTo(0.4 * dollarsOf(DAY, what), 6);
    expect(dollarsOf(quiet, 'ingest, grants')).toBe(dollarsOf(DAY, 'ingest, grants'));
    expect(dollarsSaved(quiet)).toBeCloseTo(ownDollars(estimatedCosts(DAY)) - ownDollars(estimatedCosts(quiet)), 6);
    expect(dollarsOfMillionEvents(1)).toBeLessThan(0.1 * dollarsOfMillionRecords());
  });

  it('includes the alarms of each spoke, of each cluster, and of each stack that forwards grants', () => {
    const thirty = { ...DAY, spokes: 29, forwardingStacks: 58, clusters: 60 };
    expect(dollarsOf(thirty, 'alarms')).toBeCloseTo(0.1 * (44 + 7 * 29 + 60 + 3 * 58), 6);
  });

  it('of 200 spokes is their alarms and runs: they have no dashboard, and no metric of their own', () => {
    const idle = { ...DAY, events: 0, sessions: 0, grants: 0, auditGb: undefined };
    const organization = { ...idle, spokes: 200, forwardingStacks: 200 };
    for (const what of ['dashboard', 'metrics of its own'])
      expect(dollarsOf(organization, what)).toBe(dollarsOf(idle, what));
    expect(dollarsOf(organization, 'alarms') - dollarsOf(idle, 'alarms')).toBeCloseTo(0.1 * (7 + 3) * 200, 6);
    const more = ownDollars(estimatedCosts(organization)) - ownDollars(estimatedCosts(idle));
    expect(more).toBeGreaterThan(250);
    expect(more).toBeLessThan(263);
  });

  it('includes what a spoke sends without any audit event: a report every ten minutes, and its alarms', () => {
    const idle = { ...DAY, events: 0, grants: 0 };
    const sent = (usage: Usage) => dollarsOf(usage, 'grants, audit events, reports and alarms');
    const more = sent({ ...idle, spokes: 29, forwardingStacks: 58 }) - sent(idle);
    expect(more).toBeCloseTo(((29 * 144 + 87 * 2) * 30) / 1e6, 9);
  });

  it('includes what the functions write to their logs, and the traces of all but subscribe', () => {
    const idle = { ...DAY, events: 0, sessions: 0, grants: 0, questions: 0 };
    const runs = { settle: 1_440, ingest: 144, subscribe: 144 };
    const bytes = keysOf(runs).reduce((sum, name) => sum + runs[name] * (LOG_BYTES[name] + LOG_BYTES.ofLambda), 0);
    expect(dollarsOf(idle, "the functions' own logs")).toBeCloseTo((0.5 * 30 * bytes) / 1e9, 9);
    expect(dollarsOf(idle, 'traces')).toBeCloseTo((5 * 30 * (runs.settle + runs.ingest)) / 1e6, 9);
    const questions = 186_400;
    const more = dollarsOf({ ...idle, questions }, 'traces') - dollarsOf(idle, 'traces');
    expect(more).toBeCloseTo((5 * 30 * (86_400 + 5_000)) / 1e6, 9); // One a second, and 5 % of the others.
  });

  it('includes that Lambda polls each queue, also an empty one', () => {
    const queues = (of: Deployment) => queuesOf(of).length;
    const spoke = deployed({ stack: 'ingest-only', findClusters: '*', hubAccount: HUB, hubRegion: 'eu-west-1' });
    expect(queues(deploymentOf('a hub with the defaults'))).toBe(STACK.queues);
    expect(queues(spoke)).toBe(STACK.queuesOfSpoke);
    const polls = 15 * 60 * 24 * 30 * (STACK.queues + 200 * STACK.queuesOfSpoke);
    expect(dollarsOf({ ...DAY, spokes: 200 }, 'polling')).toBeCloseTo((0.4 * polls) / 1e6, 9);
  });

  it('counts the alarms of the templates', () => {
    const alarmsOf = (of: Deployment) =>
      Object.values(alarmResources(of)).flatMap(({ Properties }) => metricsOfAlarm(Properties as JsonObject)).length;
    const ofClusters = 1; // `not-delivered` has one metric for each log group.
    for (const name of ['a hub that other accounts forward to', 'a hub with the defaults'] as const)
      expect(alarmsOf(deploymentOf(name))).toBe(STACK.alarms + ofClusters);
    const spoke = deployed({ stack: 'ingest-only', findClusters: '*', hubAccount: HUB, hubRegion: 'eu-west-1' });
    expect(alarmsOf(spoke)).toBe(STACK.alarmsOfSpoke + ofClusters);
    const dashboards = [deploymentOf('a hub with the defaults'), spoke].map(
      (of) => Object.keys(dashboardResources(of)).length,
    );
    expect(dashboards).toEqual([STACK.dashboards, 0]);
    const forwarding = readFileSync('infra/forwarding.yml', 'utf8');
    expect(forwarding.match(/^ +MetricStat:/gm)).toHaveLength(STACK.alarmsOfForwarding);
  });

  it('counts the memory of ingest', () => {
    expect(functionDefinitions(deploymentOf('a hub with the defaults')).ingest?.memorySize).toBe(1_024 * INGEST.gb);
  });

  it('grows with the grants, though most of them never reach a cluster', () => {
    const [few, some, many] = [1, 5, 20].map(dollarsOfMillionWithGrants);
    expect(few).toBeLessThan(some ?? 0);
    expect((many ?? 0) - (some ?? 0)).toBeGreaterThan(3 * ((some ?? 0) - (few ?? 0)));
  });

  it('is over a thousand for a hundred grants a second of an organization, nearly all of it for them', () => {
    const organization = { ...DAY, events: 0, sessions: 0, auditGb: undefined, grants: 100 * 86_400 };
    const dollars = (usage: Usage) => ownDollars(estimatedCosts(usage));
    const alone = dollars(organization) - dollars({ ...organization, grants: 0 });
    const forwarded = { ...organization, forwardingStacks: 99 };
    const further = dollars(forwarded) - dollars({ ...forwarded, grants: 0 }) - alone;
    expect(alone).toBeGreaterThan(1_000);
    expect(further).toBeCloseTo(0.99 * 8.64 * 30, 1);
  });
});

describe('cost', () => {
  it('is a table with its sum, and says what is due in any case', () => {
    const text = costText(DAY, 'table');
    expect(text).toMatch(new RegExp(`a month +${ownDollars(estimatedCosts(DAY)).toFixed(2)}`));
    expect(text).toContain('with or without this service');
  });

  it('says what is saved by leaving reads out, if some are', () => {
    expect(costText(DAY, 'table')).not.toContain('leaves out');
    const text = costText({ ...DAY, omittedShare: 0.6 }, 'table');
    expect(text).toMatch(/record leaves out 60 % of the events, which saves \d+\.\d\d a month/);
    expect(JSON.parse(costText({ ...DAY, omittedShare: 0.6 }, 'json'))).toMatchObject({ omitted: { share: 0.6 } });
  });

  it('answers programs', async () => {
    const { status, output } = await runCommand([
      'cost',
      '--events-per-day',
      '100000',
      '--accounts',
      '30',
      '-o',
      'json',
    ]);
    expect(status).toBe(0);
    expect(JSON.parse(output)).toMatchObject({ region: 'us-east-1', millionRecords: expect.any(Number) });
    const csv = await runCommand(['cost', '--events-per-day', '100000', '-o', 'csv']);
    expect(csv.output.split('\n')[0]).toBe('service,what,quantity,unit,price,dollars\r');
  });

  it('has a spoke in each account and Region but the first', async () => {
    const alarmsOf = async (...more: string[]) => {
      const { output } = await runCommand(['cost', '--events-per-day', '0', '--clusters', '40', ...more, '-o', 'json']);
      const { lines } = JSON.parse(output) as { lines: { what: string; quantity: number }[] };
      return lines.find(({ what }) => what === 'alarms')?.quantity;
    };
    const { alarms, alarmsOfSpoke, alarmsOfForwarding } = STACK;
    expect(await alarmsOf()).toBe(alarms + 40);
    const spokes = 100 * 2 - 1;
    expect(await alarmsOf('--accounts', '100', '--regions', '2')).toBe(
      alarms + 40 + spokes * (alarmsOfSpoke + alarmsOfForwarding),
    );
  });

  describe('by account', () => {
    const monthOf = async (...more: string[]) => {
      const { output } = await runCommand(['cost', ...more, '-o', 'json']);
      return (JSON.parse(output) as { month: { own: number; hubAccount?: number; eachOther?: number } }).month;
    };

    it('is what each account pays for its own spokes, and the rest for that of the hub', async () => {
      const {
        own,
        hubAccount = 0,
        eachOther = 0,
      } = await monthOf(...['--events-per-day', '1000000', '--accounts', '100', '--regions', '2', '--clusters', '40']);
      expect(hubAccount + 99 * eachOther).toBeCloseTo(own, 0);
      const spoke = await monthOf('--events-per-day', '0', '--accounts', '2', '--clusters', '0');
      const alone = await monthOf('--events-per-day', '0', '--accounts', '1', '--clusters', '0');
      expect(spoke.eachOther).toBe(1.28);
      // Reports of a spoke cost its own account and that of the hub, which takes them.
      expect(spoke.hubAccount).toBeCloseTo(alone.own + 0.03, 2);
    });

    it('counts the further Regions of the hub as its own account', async () => {
      const two = ['--events-per-day', '0', '--clusters', '0', '--regions', '2'];
      const { own, hubAccount, eachOther } = await monthOf(...two);
      expect([hubAccount, eachOther]).toEqual([undefined, undefined]);
      const both = await monthOf(...two, '--accounts', '2');
      expect(both.hubAccount).toBeCloseTo(own + 2 * 0.03, 2);
      expect(both.eachOther).toBeCloseTo(2 * 1.28, 2);
    });

    it('is said under the table', async () => {
      const { output } = await runCommand(['cost', '--events-per-day', '0', '--accounts', '200', '--clusters', '40']);
      expect(output).toMatch(
        /The hub's account pays \d+\.\d\d of it, and each of the 199 other accounts \d\.\d\d on average, for its own spokes\./,
      );
    });
  });

  it('prints for the commands of docs/cost.md what stands behind them', async () => {
    const commands = [...documentOf('docs/cost.md').matchAll(/^npx eks-whois (cost .*?) +# ([\d,]+\.\d\d) a month/gm)];
    expect(commands.length).toBeGreaterThan(2);
    for (const [, command = '', dollars = ''] of commands) {
      const { output } = await runCommand([...command.split(' '), '-o', 'json']);
      const { month } = JSON.parse(output) as { month: { own: number } };
      expect(month.own, command).toBe(Number(dollars.replaceAll(',', '')));
    }
  });

  it('reports what is not a number', async () => {
    const { status, errors } = await runCommand(['cost', '--events-per-day', 'many']);
    expect(status).toBe(2);
    expect(errors).toContain('0 or more, such as 100000');
  });

  it.each(['--late-share', '--omitted-share'])('refuses a share of more than one: %s', async (option) => {
    const { status, errors } = await runCommand(['cost', '--events-per-day', '1000', option, '2']);
    expect([status, errors]).toEqual([
      2,
      expect.stringContaining(`${option} cannot be 2. Give a number from 0 to 1, such as 0.3.`),
    ]);
  });
});
