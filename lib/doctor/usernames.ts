import {
  parseUsernameTemplate,
  readUsername,
  type UsernameTemplate,
  UsernameTemplateError,
} from '../identity/username.ts';
import { type Finding, finding } from './finding.ts';
import { type Mapping, placeOf, principalKey } from './mapping.ts';
import { command, quoted } from './shell.ts';

const NAMES_SESSION = /\{\{(?:SessionName|SessionNameRaw|AccessKeyID)\}\}/;

/** What the usernames of a cluster hide: lost sessions, shared names, placeholders that are none. */
export function usernameFindings(mappings: readonly Mapping[]): readonly Finding[] {
  const people = mappings.filter(({ forNodes }) => !forNodes);
  const readable = people.filter((mapping) => templateOf(mapping) !== undefined);
  return [
    ...people.filter((mapping) => templateOf(mapping) === undefined).map(unknownPlaceholder),
    ...readable.filter(losesSession).map(lostSession),
    ...sharedUsernames(readable),
  ];
}

/**
 * The username templates to configure: those from which a session can be read back, each once, without the default of
 * access entries, which the rules know.
 */
export function derivedTemplates(mappings: readonly Mapping[]): readonly string[] {
  const useful = mappings.filter(
    (mapping) =>
      mapping.principal.kind === 'role' &&
      !mapping.forNodes &&
      NAMES_SESSION.test(mapping.username) &&
      templateOf(mapping) !== undefined &&
      !isDefaultUsername(mapping),
  );
  return [...new Set(useful.map(({ username }) => username))];
}

function templateOf({ username }: Mapping): UsernameTemplate | undefined {
  try {
    return parseUsernameTemplate(username);
  } catch (error) {
    if (error instanceof UsernameTemplateError) return undefined;
    throw error;
  }
}

const DEFAULT_USERNAME =
  /^arn:[^:]*:sts::(\d{12}|\{\{AccountID\}\}):assumed-role\/[\w+=,.@-]{1,64}\/\{\{SessionName\}\}$/;

function isDefaultUsername({ username, principal }: Mapping): boolean {
  const account = DEFAULT_USERNAME.exec(username)?.[1];
  return account === '{{AccountID}}' || account === principal.accountId;
}

function losesSession({ principal, username }: Mapping): boolean {
  return principal.kind === 'role' && !NAMES_SESSION.test(username);
}

function lostSession(mapping: Mapping): Finding {
  return finding('username-loses-session', {
    subject: mapping.principal.arn,
    evidence: `${placeOf(mapping)}: username ${mapping.username}`,
    mend: renaming(mapping, mapping.username),
  });
}

function unknownPlaceholder(mapping: Mapping): Finding {
  const before =
    mapping.username.replace(/\{\{[^{}]*\}{0,2}|\}\}/g, '').replace(/[^\w]+$/, '') || mapping.principal.name;
  return finding('username-placeholder-unknown', {
    subject: mapping.principal.arn,
    evidence: `${placeOf(mapping)}: username ${mapping.username}`,
    mend: renaming(mapping, before),
  });
}

/** The step that gives a mapping a username with the session after a prefix. */
function renaming({ principal, source, username }: Mapping, prefix: string): string {
  const session =
    principal.kind === 'user' ? '' : source.kind === 'aws-auth' ? ':{{SessionNameRaw}}' : ':{{SessionName}}';
  const renamed = `${prefix}${session}`;
  const bindings = `RBAC bindings to the user ${username} must then name a group.`;
  return source.kind === 'aws-auth'
    ? `${command('kubectl edit configmap aws-auth -n kube-system')}, and in ${source.place} set username: "${renamed}". ${bindings}`
    : `${command(`aws eks update-access-entry ${entryOf(source)} --principal-arn ${quoted(principal.arn)} --username ${quoted(renamed)}`)}. ${bindings}`;
}

function entryOf({
  region = '<region>',
  cluster = '<cluster>',
}: {
  region?: string | undefined;
  cluster?: string | undefined;
}) {
  return `--region ${region} --cluster-name ${cluster}`;
}

/** Each set of principals of which one can have another's username; a set is told once. */
function sharedUsernames(mappings: readonly Mapping[]): readonly Finding[] {
  const told = new Set<Mapping>();
  return mappings.flatMap((mapping) => {
    if (told.has(mapping)) return [];
    const others = mappings.filter(
      (other) => principalKey(other.principal) !== principalKey(mapping.principal) && sameCluster(mapping, other),
    );
    const sharing = others.filter((other) => !told.has(other) && mayMakeTheSame(mapping, other));
    if (sharing.length === 0) return [];
    const together = [mapping, ...sharing];
    for (const one of together) told.add(one);
    return [sharedUsername(together)];
  });
}

/** Access entries of two clusters never meet; what does not say its cluster may be of any. */
function sameCluster({ source: one }: Mapping, { source: other }: Mapping): boolean {
  if (one.kind === 'aws-auth' || other.kind === 'aws-auth') return true;
  const isSame = (a: string | undefined, b: string | undefined) => a === undefined || b === undefined || a === b;
  return isSame(one.cluster, other.cluster) && isSame(one.region, other.region);
}

/** The same text once the account is filled in, or a fixed username that the other's template can make. */
function mayMakeTheSame(one: Mapping, other: Mapping): boolean {
  return filled(one) === filled(other) || makes(one, other) || makes(other, one);
}

function filled({ username, principal }: Mapping): string {
  return username.replaceAll('{{AccountID}}', principal.accountId).replaceAll('{{SessionNameRaw}}', '{{SessionName}}');
}

function makes(maker: Mapping, fixed: Mapping): boolean {
  const template = templateOf(maker);
  if (template === undefined || fixed.username.includes('{{') || !maker.username.includes('{{')) return false;
  return readUsername(template, fixed.username, maker.principal.accountId).length > 0;
}

function sharedUsername(together: readonly Mapping[]): Finding {
  return finding('username-shared', {
    subject: together.map(({ principal }) => principal.arn).join(', '),
    evidence: together.map((each) => `${placeOf(each)}: username ${each.username}`).join('; '),
    mend: `Give each its own: ${together
      .slice(1)
      .map((each) => renaming(each, ownPrefix(each, together)))
      .join(' ')}`,
  });
}

/** Its name, with the account where another has that name too. */
function ownPrefix({ principal }: Mapping, together: readonly Mapping[]): string {
  const namesakes = together.filter((other) => other.principal.name === principal.name);
  return namesakes.length > 1 ? `${principal.accountId}:${principal.name}` : principal.name;
}
