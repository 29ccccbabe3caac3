import { describe, expect, it } from 'vitest';
import {
  type Change,
  changesBetween,
  describeChanges,
  parametersToStore,
  storedParameters,
} from '../../infra/kept-parameters.ts';
import type { JsonObject } from '../../lib/json.ts';
import { deployed } from '../functions/deployed.ts';
import { ownTemplate } from './stacks.ts';

const keptOf = (given: JsonObject): JsonObject => {
  const found = storedParameters(ownTemplate(deployed(given)));
  if (found === undefined) throw new Error('nothing is kept');
  return found;
};

function changes(before: JsonObject, after: JsonObject): Change[] {
  return changesBetween(keptOf(before), keptOf(after));
}

const taken = (before: JsonObject, after: JsonObject) =>
  changes(before, after)
    .filter(({ takesAway }) => takesAway)
    .map(({ name }) => name);

describe('the parameters of a deployment', () => {
  it('are stored with the stack, all of them', () => {
    const of = deployed({ clusters: 'prod', recordDays: 60 });
    expect(storedParameters(ownTemplate(of))).toEqual(parametersToStore(of));
    expect(keptOf({ clusters: 'prod', recordDays: 60 })).toMatchObject({
      clusters: ['prod'],
      recordDays: 60,
      alertEmail: '',
    });
  });

  it('report no change if they are the same', () => {
    expect(
      changes({ clusters: 'a,b', alertEmail: 'x@example.com' }, { clusters: ['a', 'b'], alertEmail: 'x@example.com' }),
    ).toEqual([]);
  });

  it.each<[JsonObject, JsonObject, string[]]>([
    [{ alertEmail: 'x@example.com' }, {}, ['alertEmail']],
    [{ kmsKeyArn: 'arn:aws:kms:eu-west-1:111122223333:key/0' }, {}, ['kmsKeyArn']],
    [{ recordDays: 365, sessionDays: 400 }, {}, ['recordDays', 'sessionDays']],
    [
      { usernameTemplates: 'a:{{SessionName}},b:{{SessionName}}' },
      { usernameTemplates: 'b:{{SessionName}}' },
      ['usernameTemplates'],
    ],
    [{ nodeTraffic: true, uses: true }, { uses: true }, ['nodeTraffic']],
    [{ alertOn: 'partial,ambiguous' }, { alertOn: 'partial' }, ['alertOn']],
    [{ trustedProxies: 'teleport' }, {}, ['trustedProxies']],
    [{ record: 'omit-reads:leases' }, { record: 'omit-reads:leases,events' }, ['record']],
    [{}, { record: 'omit-reads:leases' }, ['record']],
    [{ identityStores: 'd-1234567890' }, {}, ['identityStores']],
    [{ serviceAccounts: 'all' }, { serviceAccounts: 'tokens' }, ['serviceAccounts']],
    [{}, { controlPlane: 'none' }, ['controlPlane']],
    [{}, { anonymous: 'allowed' }, ['anonymous']],
    [{ deadlineMinutes: 60, alarmUnattributed: 3 }, {}, ['deadlineMinutes', 'alarmUnattributed']],
    [{ lookupRole: 'ours' }, {}, ['lookupRole']],
    [{ sessionDays: 400 }, { sessionDays: 365 }, ['sessionDays']],
  ])('remove something if %j becomes %j', (before, after, names) => {
    expect(taken(before, after)).toEqual(names);
  });

  it.each<[JsonObject, JsonObject]>([
    [{}, { alertEmail: 'x@example.com' }],
    [{ alertEmail: 'x@example.com' }, { alertEmail: 'y@example.com' }],
    [{ clusters: 'a' }, { clusters: 'b,a' }],
    [{}, { nodeTraffic: true }],
    [{ serviceAccounts: 'tokens' }, { serviceAccounts: 'all' }],
    [{}, { controlPlane: 'all' }],
    [{}, { anonymous: 'all' }],
    [{ recordDays: 30 }, { recordDays: 60 }],
    [{ record: 'omit-reads:leases,events' }, { record: 'omit-reads:ev, leases' }],
    [{ record: 'omit-reads:*' }, { record: 'omit-reads:leases' }],
    [{ deadlineMinutes: 60 }, { deadlineMinutes: 45 }],
  ])('remove nothing if %j becomes %j, and the change is reported', (before, after) => {
    expect(taken(before, after)).toEqual([]);
    expect(changes(before, after)).toHaveLength(1);
  });

  it('are shown in the form that the command line accepts', () => {
    expect(changes({ alertEmail: 'x@example.com', clusters: 'a,b' }, { clusters: 'a' })).toEqual([
      { name: 'clusters', before: 'a,b', after: 'a', takesAway: true },
      { name: 'alertEmail', before: 'x@example.com', after: '', takesAway: true },
    ]);
  });

  it('are reported before a deployment, also if nothing differs', () => {
    expect(describeChanges(changes({ clusters: 'a', alertEmail: 'x@example.com' }, { clusters: 'b' }))).toBe(
      'Parameters that change (deployed → now):\n  clusters: a → b\n  alertEmail: x@example.com → none',
    );
    expect(describeChanges([])).toBe('Parameters: no changes.');
  });

  it('are unknown if there is no stack', () => {
    expect(storedParameters({})).toBeUndefined();
  });

  it('that an older version did not have are not a change', () => {
    const { logGroups, ...older } = keptOf({ logGroups: '/a=audit' });
    expect(logGroups).toEqual(['/a=audit']);
    expect(changesBetween(older, keptOf({ logGroups: '/a=audit' }))).toEqual([]);
  });
});
