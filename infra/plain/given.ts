import type { Chosen } from '../parameter-file/chosen.ts';
import type { FileValue } from '../parameter-file/values.ts';
import type { Checked } from '../parameter-kinds.ts';
import type { ParameterName } from '../parameters.ts';
import { PLAIN_PARAMETERS, type PlainParameter, plainName } from './parameters.ts';

/** A parameter as `aws cloudformation create-stack --parameters` and `deploy --parameter-overrides` take it from a file. */
export interface GivenParameter {
  readonly ParameterKey: string;
  readonly ParameterValue: string;
}

/** What an ingest-only stack's template takes; that of a hub takes all but what says where the hub is. */
const OF_SPOKE: readonly ParameterName[] = [
  ...(['findClusters', 'findClustersByTag', 'nodeTraffic', 'serviceAccounts', 'controlPlane', 'lookupRole'] as const),
  ...(['hubAccount', 'hubRegion', 'logDays', 'alertEmail', 'heartbeatHours', 'kmsKeyArn'] as const),
  ...(['logsKmsKeyArn', 'permissionsBoundary', 'rolePath', 'roleNamePrefix', 'subnets', 'securityGroups'] as const),
  'alarmTopicArn',
];

/**
 * What a file says of a stage, for the release's templates (`hub.yaml`, and `spoke.yaml` for an ingest-only stack). Those list no clusters,
 * but find them: the listed ones are given by name, since without any the template would take all that there are.
 */
export function givenToTemplate({ stage, parameters }: Chosen): Checked<readonly GivenParameter[]> {
  const isSpoke = parameters.stack === 'ingest-only';
  const takes = (name: ParameterName) => (isSpoke ? OF_SPOKE.includes(name) : !name.startsWith('hub'));
  const found = [parameters.clusters ?? [], parameters.findClusters ?? []].flat();
  const all: Chosen['parameters'] = { ...parameters, findClusters: [...new Set(found)] };
  const given: GivenParameter[] = [{ ParameterKey: 'Prefix', ParameterValue: `eks-whois-${stage}` }];
  const problems: string[] = [];
  for (const [name, parameter] of Object.entries(PLAIN_PARAMETERS) as [ParameterName, PlainParameter][]) {
    const value = all[name];
    if (value === undefined || !takes(name)) continue;
    const text = textFor(parameter, value);
    if (text === undefined)
      problems.push(`${name}: an entry has a comma in it, which the templates take for the next one`);
    else given.push({ ParameterKey: plainName(name), ParameterValue: text });
  }
  return problems.length === 0 ? { ok: true, value: given } : { ok: false, problems };
}

function textFor({ kind }: PlainParameter, value: FileValue): string | undefined {
  if (typeof value === 'string') return value;
  if (kind === 'json') return JSON.stringify(value);
  return value.some((entry) => entry.includes(',')) ? undefined : value.join(',');
}
