import { auditFilterPattern } from '../lib/identity/audit-filter.ts';
import { arnOf, ref, sub, type Value } from './cloudformation.ts';
import { type Deployment, type FunctionName, functionId } from './deployment.ts';
import { listValue } from './list-value.ts';
import { hubBus } from './spoke-bus.ts';
import { auditFilterName } from './subscription-filter.ts';
import { TABLE_IDS, tableAddress } from './tables.ts';

type Environment = Readonly<Record<string, Value>>;

/** The environment of a function: what `lib/config.ts` reads, and Powertools' own settings. */
export function environmentOf(of: Deployment, name: FunctionName): Environment {
  return {
    ...settingsOf(of, name),
    POWERTOOLS_SERVICE_NAME: of.prefix,
    POWERTOOLS_LOG_LEVEL: 'INFO',
  };
}

/** Without tables: the page, and what finds clusters. */
const STORELESS: readonly FunctionName[] = ['console', 'subscribe'];

function settingsOf(of: Deployment, name: FunctionName): Environment {
  if (of.stack !== 'hub' && name === 'ingest') return hub(of);
  return { ...(STORELESS.includes(name) ? {} : stored(of)), ...SETTINGS[name](of) };
}

const SETTINGS: Readonly<Record<FunctionName, (of: Deployment) => Environment>> = {
  ingest: (of) => ({ ...rules(of), ...origins(of), ...recorded(of), ALERT_ON: of.alertOn.join(',') }),
  grants: (of) => ({ ...origins(of), ...recorded(of) }),
  settle: (of) => ({ ...rules(of), ...lookups(of), ...alerts(of) }),
  api: (of) => ({ ...rules(of), ...lookups(of), ...groups(of) }),
  console: signIn,
  subscribe: finding,
};

/** Of an ingest-only stack, which knows no rules and no tables. */
function hub(of: Deployment): Environment {
  const { endpoint, arn } = hubBus(of);
  return { HUB_EVENTS_URL: endpoint, HUB_BUS_ARN: arn, HUB_REGION: of.hubRegion ?? '' };
}

function stored(of: Deployment): Environment {
  return { ...tables(of), RECORD_DAYS: String(of.recordDays), SESSION_DAYS: String(of.sessionDays) };
}

function tables(of: Deployment): Environment {
  return Object.fromEntries(TABLE_IDS.map((id) => [`${id.toUpperCase()}_TABLE`, tableAddress(of, id)]));
}

function recorded({ record, anonymous }: Deployment): Environment {
  return { RECORD: record, ANONYMOUS: anonymous };
}

/** Whose text counts as what, for those that read log groups. */
function origins(of: Deployment): Environment {
  return of.logGroups.length > 0 ? { LOG_GROUPS: listValue(of.logGroups) } : {};
}

function rules(of: Deployment): Environment {
  return {
    USERNAME_TEMPLATES: listValue(of.usernameTemplates),
    TRUSTED_PROXIES: listValue(of.trustedProxies),
    IDENTITY_STORES: listValue(of.identityStores),
    DEADLINE_MINUTES: String(of.deadlineMinutes),
    BEFORE_ISSUE_SECONDS: String(of.beforeIssueSeconds),
    AFTER_EXPIRY_SECONDS: String(of.afterExpirySeconds),
    TRAIL_MODE: of.trail,
  };
}

function alerts(of: Deployment): Environment {
  return {
    ALERT_TOPIC_ARN: ref('Alerts'),
    ALERT_ON: of.alertOn.join(','),
    ALERT_WINDOW_MINUTES: String(of.alertWindowMinutes),
  };
}

/** Without a client of its own the page cannot sign in, and says how it is opened. */
function signIn(of: Deployment): Environment {
  if (of.authorizer !== 'jwt' || of.consoleClientId === undefined) return { CONSOLE_SIGN_IN: 'command' };
  return {
    CONSOLE_SIGN_IN: 'oidc',
    CONSOLE_ISSUER: of.jwtIssuer ?? '',
    CONSOLE_CLIENT_ID: of.consoleClientId,
    CONSOLE_SCOPES: of.consoleScopes.join(','),
    CONSOLE_TOKEN: of.consoleToken,
    CONSOLE_ORIGINS: of.consoleOrigins.join(','),
  };
}

/** The filter that each cluster's log group gets, by the name that listed ones have too: it is one and the same. */
function finding(of: Deployment): Environment {
  return {
    FIND_CLUSTERS: of.findClusters.join(','),
    ...(of.findClustersByTag === undefined ? {} : { FIND_CLUSTERS_BY_TAG: of.findClustersByTag }),
    AUDIT_FILTER_NAME: auditFilterName(of),
    AUDIT_FILTER_PATTERN: auditFilterPattern(of),
    AUDIT_FILTER_DESTINATION: arnOf(functionId('ingest')),
  };
}

function groups({ jwtGroups, jwtGroupClaim }: Deployment): Environment {
  return jwtGroups.length > 0 ? { JWT_GROUPS: listValue(jwtGroups), JWT_GROUP_CLAIM: jwtGroupClaim } : {};
}

function lookups(of: Deployment): Environment {
  const role = `arn:\${AWS::Partition}:iam::{account}:role/${of.lookupRole}`;
  return {
    ...(of.regions.length > 0 ? { LOOKUP_REGIONS: of.regions.join(',') } : {}),
    ...(of.accounts.length > 0 ? { LOOKUP_ACCOUNTS: of.accounts.join(','), LOOKUP_ROLES: sub(role) } : {}),
  };
}
