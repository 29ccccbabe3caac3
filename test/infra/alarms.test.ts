import { describe, expect, it } from 'vitest';
import { alarmResources } from '../../infra/alarms.ts';
import { type JsonObject, listAt } from '../../lib/json.ts';
import { documentOf } from '../docs/document.ts';
import { metricsOfAlarm } from './reading.ts';
import { deploymentOf, STACK_NAMES } from './stacks.ts';

const RUNBOOK = documentOf('docs/alerts.md');
/** The maximum number of metrics of an expression (FACTS). */
const MOST_METRICS = 10;

describe.each(STACK_NAMES)('the alarms of %s', (name) => {
  const of = deploymentOf(name);
  const alarms = Object.values(alarmResources(of)).map(({ Properties }) => Properties as JsonObject);

  it('are at most a dozen', () => {
    expect(alarms.length).toBeLessThanOrEqual(of.stack === 'hub' ? 12 : 4);
  });

  it('each have a section in docs/alerts.md, which the email names', () => {
    for (const alarm of alarms) {
      const title = String(alarm.AlarmName)
        .replace(`${of.prefix}-`, '')
        .replace(/-(?:read|write)-/, '-');
      expect(RUNBOOK).toContain(`\n### ${title}\n`);
      expect(alarm.AlarmDescription).toMatch(/\. Runbook \(eks-whois \d+\.\d+\.\d+\): /);
      expect(String(alarm.AlarmDescription).endsWith(`: ${of.runbooks}#${title}`)).toBe(true);
    }
  });

  it('go to one topic, and watch as many metrics as CloudWatch takes', () => {
    expect(new Set(alarms.map(({ AlarmActions }) => JSON.stringify(AlarmActions))).size).toBe(1);
    for (const alarm of alarms)
      expect(metricsOfAlarm(alarm).length, String(alarm.AlarmName)).toBeLessThanOrEqual(MOST_METRICS);
  });

  it('with several results group and order them, as CloudWatch requires', () => {
    const queries = alarms
      .flatMap((alarm) => (listAt(alarm, 'Metrics') ?? []) as JsonObject[])
      .map(({ Expression }) => String(Expression))
      .filter((text) => text.startsWith('SELECT'));
    for (const query of queries) expect(query).toMatch(/ GROUP BY \w+ ORDER BY SUM\(\) DESC$/);
  });
});
