import { isDeepStrictEqual } from 'node:util';
import { auditFilterPattern } from '../lib/identity/audit-filter.ts';
import packageJson from '../package.json' with { type: 'json' };
import { arnOf, ref, sub, type Value } from './cloudformation.ts';
import { type Deployment, functionId, functionName } from './deployment.ts';
import { hubBus } from './event-buses.ts';
import {
  type FunctionName,
  listValue,
  PARAMETER_NAMES,
  type ParameterName,
  type Parameters,
  parameter,
} from './parameters.ts';
import { auditFilterName } from './subscriptions.ts';
import { TABLE_IDS, tableAddress } from './tables.ts';

/** The version of the templates and of the code. */
export const VERSION = packageJson.version;

type Environment = Readonly<Record<string, Value>>;

/** Returns the environment of a function: the variables that `lib/config.ts` reads, and Powertools' own. */
export function environmentOf(of: Deployment, name: FunctionName): Environment {
  return {
    ...settingsOf(of, name),
    POWERTOOLS_SERVICE_NAME: of.prefix,
    POWERTOOLS_LOG_LEVEL: 'INFO',
  };
}

/** The functions that use no tables: the page, and the one that finds clusters. */
const STORELESS: readonly FunctionName[] = ['console', 'subscribe'];

function settingsOf(of: Deployment, name: FunctionName): Environment {
  if (of.stack !== 'hub' && name === 'ingest') return hubVariables(of);
  return { ...(STORELESS.includes(name) ? {} : tables(of)), ...parameterVariables(of, name), ...COMPUTED[name]?.(of) };
}

/**
 * Returns the variables that hold a parameter unchanged. The causes of alerts are long, and functions know the default
 * ones.
 */
function parameterVariables(of: Deployment, name: FunctionName): Environment {
  return Object.fromEntries(
    PARAMETER_NAMES.flatMap((each) => {
      const { variable } = parameter(each);
      if (variable === undefined || (each === 'alertOn' && isDeepStrictEqual(of[each], parameter(each).default)))
        return [];
      const [called, ...functions] = variable;
      return functions.includes(name) ? [[called, textOf(each, of[each])]] : [];
    }),
  );
}

function textOf(name: ParameterName, value: Parameters[ParameterName]): string {
  if (!Array.isArray(value)) return String(value ?? '');
  return parameter(name).reads.hasCommas === true ? listValue(value) : value.join(',');
}

/** The variables that are made of several parameters or of resources. */
const COMPUTED: Readonly<Partial<Record<FunctionName, (of: Deployment) => Environment>>> = {
  settle: (of) => ({
    ...lookupRoles(of),
    ALERT_TOPIC_ARN: ref('Alerts'),
    CLUSTERS: ownClusters(of),
    SETTLE_FUNCTION: functionName(of, 'settle'),
  }),
  api: lookupRoles,
  // Without a client, the page cannot sign in. It then shows the command that opens it.
  console: ({ authorizer, consoleClientId }) => ({
    CONSOLE_SIGN_IN: authorizer === 'jwt' && consoleClientId !== undefined ? 'oidc' : 'command',
  }),
  // The filter of found clusters has the same name as that of listed ones, because it is the same filter.
  subscribe: (of) => ({
    AUDIT_FILTER_NAME: auditFilterName(of),
    AUDIT_FILTER_PATTERN: auditFilterPattern(of),
    AUDIT_FILTER_DESTINATION: arnOf(functionId('ingest')),
    ...hubVariables(of),
    STACK_VERSION: VERSION,
    // A spoke's template has the parameter Forward instead (plain/spoke-parts.ts). A spoke of osls does not know
    // whether its Region forwards.
    ...(of.stack === 'hub' && { SENDS_GRANTS: 'true' }),
  }),
};

/** Returns the ARNs of the listed clusters, because a cluster of another account may have the same name. */
function ownClusters({ clusters }: Deployment): Environment[string] {
  const arns = clusters.map((name) => `arn:\${AWS::Partition}:eks:\${AWS::Region}:\${AWS::AccountId}:cluster/${name}`);
  return arns.length === 0 ? '' : sub(arns.join(','));
}

/**
 * Returns the address of the hub's bus. A spoke has no rules and no tables; the hub reports to itself in the same way.
 */
function hubVariables(of: Deployment): Environment {
  const { endpoint, arn, region } = hubBus(of);
  return { HUB_EVENTS_URL: endpoint, HUB_BUS_ARN: arn, HUB_REGION: region };
}

function tables(of: Deployment): Environment {
  return Object.fromEntries(TABLE_IDS.map((id) => [`${id.toUpperCase()}_TABLE`, tableAddress(of, id)]));
}

/**
 * Returns the variables of look-ups in other accounts: which accounts, and the role's ARN with `{account}` for the
 * account.
 */
function lookupRoles({ accounts, organization, lookupRole }: Deployment): Environment {
  const role = sub(`arn:\${AWS::Partition}:iam::{account}:role/${lookupRole}`);
  return {
    ...(accounts.length > 0 && { LOOKUP_ACCOUNTS: accounts.join(','), LOOKUP_ROLES: role }),
    ...(organization !== undefined && { LOOKUP_ORGANIZATION_ROLE: role, OWN_ACCOUNT: ref('AWS::AccountId') }),
  };
}
