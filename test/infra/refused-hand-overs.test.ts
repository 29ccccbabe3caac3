import { expect, it } from 'vitest';
import { alarmResources } from '../../infra/alarms.ts';
import { METRICS, METRICS_NAMESPACE } from '../../lib/metrics.ts';
import { deploymentOf } from './stacks.ts';

it('the hub has one alarm for refused deliveries, and it shows each account separately', () => {
  const of = deploymentOf('a hub that other accounts forward to');
  const alarms = Object.values(alarmResources(of)).map(({ Properties }) => JSON.stringify(Properties));
  const refused = alarms.filter((alarm) => alarm.includes('HandOversRefused'));
  expect(refused).toHaveLength(1);
  expect(refused[0]).toContain('GROUP BY account');
  expect(refused[0]).toContain(METRICS_NAMESPACE);
  expect(METRICS.HandOversRefused).toMatchObject({ byAccount: true });
});
