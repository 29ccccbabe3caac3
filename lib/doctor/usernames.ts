import { pathlessRoleArn, roleRef } from '../identity/arn.ts';
import {
  parseUsernameTemplate,
  readUsername,
  type UsernameTemplate,
  UsernameTemplateError,
} from '../identity/username.ts';
import { quoted } from '../shell.ts';
import { command, type Finding, finding } from './finding.ts';
import { entryOptions, type Mapping, type Principal, placeOf, principalKey } from './mapping.ts';

/**
 * Returns findings about usernames that lose the session, that several mappings share, or that have unknown
 * placeholders.
 */
export function usernameFindings(mappings: readonly Mapping[]): readonly Finding[] {
  const people = mappings.filter(({ forNodes }) => !forNodes);
  const readable = people.filter((mapping) => !hasUnknownPlaceholder(mapping));
  const shared = sharedUsernames(readable);
  const prefixes = new Map(shared.flatMap((together) => ownPrefixes(together)));
  return [
    ...people.filter(hasUnknownPlaceholder).map(unknownPlaceholder),
    // A shared entry gets a prefix of its own. Both steps use the same prefix, so that they agree.
    ...readable.filter(losesSession).map((mapping) => lostSession(mapping, prefixes.get(mapping) ?? mapping.username)),
    ...shared.map(sharedUsername),
  ];
}

/** Matches braces outside of known placeholders. They stay in the username as they are. */
const BRACES = /\{\{|\}\}|\{\s*\w+\s*\}/;

/**
 * Returns whether a username has an unknown placeholder. The authenticator replaces `{{SessionName}}` and the others
 * only in exactly this spelling, without spaces. Source: kubernetes-sigs/aws-iam-authenticator, pkg/server,
 * `renderTemplate`: `strings.Replace`.
 */
function hasUnknownPlaceholder(mapping: Mapping): boolean {
  const literals = templateOf(mapping)?.parts.map((part) => ('literal' in part ? part.literal : ''));
  return literals === undefined || BRACES.test(literals.join(''));
}

function losesSession({ principal, username }: Mapping): boolean {
  return principal.kind === 'role' && !NAMES_SESSION.test(username);
}

function lostSession(mapping: Mapping, prefix: string): Finding {
  return finding('username-loses-session', {
    subject: mapping.principal.arn,
    evidence: `${placeOf(mapping)}: username ${mapping.username}`,
    mend: renaming(mapping, prefix),
  });
}

function unknownPlaceholder(mapping: Mapping): Finding {
  const text = mapping.username.replace(/\{+[^{}]*\}*|\}+/g, '');
  const before = text.replace(/^\W+|\W+$/g, '') || mapping.principal.name;
  return finding('username-placeholder-unknown', {
    subject: mapping.principal.arn,
    evidence: `${placeOf(mapping)}: username ${mapping.username}`,
    mend: renaming(mapping, before),
  });
}

/** Returns the step that changes a mapping's username to a prefix, followed by the session. */
function renaming({ principal, source, username }: Mapping, prefix: string): string {
  const session =
    principal.kind === 'user' ? '' : source.kind === 'aws-auth' ? ':{{SessionNameRaw}}' : ':{{SessionName}}';
  const renamed = `${prefix}${session}`;
  const bindings = `Then change RBAC bindings of the user ${username} to bind a group.`;
  return source.kind === 'aws-auth'
    ? `${command('kubectl edit configmap aws-auth -n kube-system')}: in ${source.place}, set username: "${renamed}". ${bindings}`
    : `${command(`aws eks update-access-entry ${entryOptions(source)} --principal-arn ${quoted(principal.arn)} --username ${quoted(renamed)}`)}. ${bindings}`;
}

/** Returns groups of mappings whose usernames can be equal. A mapping is in one group at most. */
function sharedUsernames(mappings: readonly Mapping[]): readonly (readonly Mapping[])[] {
  const grouped = new Set<Mapping>();
  return mappings.flatMap((mapping) => {
    if (grouped.has(mapping)) return [];
    const others = mappings.filter(
      (other) => principalKey(other.principal) !== principalKey(mapping.principal) && sameCluster(mapping, other),
    );
    const sharing = others.filter((other) => !grouped.has(other) && mayMakeTheSame(mapping, other));
    if (sharing.length === 0) return [];
    const together = [mapping, ...sharing];
    for (const one of together) grouped.add(one);
    return [together];
  });
}

/**
 * Returns whether two mappings can be in one cluster. Access entries of different clusters cannot. A mapping without a
 * cluster can be in any.
 */
function sameCluster({ source: one }: Mapping, { source: other }: Mapping): boolean {
  if (one.kind === 'aws-auth' || other.kind === 'aws-auth') return true;
  const isSame = (a: string | undefined, b: string | undefined) => a === undefined || b === undefined || a === b;
  return isSame(one.cluster, other.cluster) && isSame(one.region, other.region);
}

/**
 * Returns whether usernames can be equal. They can in two cases: they are the same text with the account filled in, or
 * one has no placeholder and the template of the other can produce it.
 */
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
    mend: `Give each principal its own username: ${ownPrefixes(together)
      .map(([each, prefix]) => renaming(each, prefix))
      .join(' ')}`,
  });
}

/**
 * Returns a prefix for each mapping but the first. It is the principal's name, with the account if another one has the
 * same name.
 */
function ownPrefixes(together: readonly Mapping[]): readonly (readonly [Mapping, string])[] {
  return together.slice(1).map((each) => {
    const { accountId, name } = each.principal;
    const namesakes = together.filter((other) => other.principal.name === name);
    return [each, namesakes.length > 1 ? `${accountId}:${name}` : name];
  });
}

/** Matches placeholders from which a session can be read. */
const NAMES_SESSION = /\{\{(?:SessionName|SessionNameRaw|AccessKeyID)\}\}/;

/** Matches the placeholder of a node's host name, which no username shows. */
const NAMES_NODE = /\{\{EC2PrivateDNSName\}\}/;

/** Parses the mapping's template. Undefined if the authenticator would leave braces in the username. */
function templateOf({ username }: Mapping): UsernameTemplate | undefined {
  return parsed(username);
}

function parsed(source: string): UsernameTemplate | undefined {
  try {
    return parseUsernameTemplate(source);
  } catch (error) {
    if (error instanceof UsernameTemplateError) return undefined;
    throw error;
  }
}

/**
 * Returns the username templates to configure, each bound to its role (CONTRACT, rule 2). These are templates from
 * which a session can be read, each once. The default of access entries is left out, because the rules know it. A role
 * in several clusters or lists, with or without its path, counts as one.
 */
export function derivedTemplates(mappings: readonly Mapping[]): readonly string[] {
  const useful = mappings.filter(
    (mapping) =>
      mapping.principal.kind === 'role' &&
      !mapping.forNodes &&
      NAMES_SESSION.test(mapping.username) &&
      !NAMES_NODE.test(mapping.username) &&
      templateOf(mapping) !== undefined &&
      !isDefaultUsername(mapping),
  );
  const byRole = new Map(useful.map((each) => [`${principalKey(each.principal)} ${each.username}`, each]));
  return [...new Set([...byRole.values()].map(boundTemplate))];
}

/**
 * Returns `<role ARN>=<template>`. The ARN has no path, because aws-auth does not keep it, and comparisons ignore it.
 * If the name of a role contains `=`, the role cannot be bound, because the ARN ends at the first `=`. The template
 * then stands alone, and applies to every role.
 */
function boundTemplate({ principal, username }: Mapping): string {
  const bound = `${pathless(principal)}=${username}`;
  const { roleName, accountId } = parsed(bound)?.role ?? {};
  return roleName === principal.name && accountId === principal.accountId ? bound : username;
}

function pathless({ arn }: Principal): string {
  const role = roleRef(arn);
  return role === undefined ? arn : pathlessRoleArn(role);
}

const DEFAULT_USERNAME =
  /^arn:[^:]*:sts::(\d{12}|\{\{AccountID\}\}):assumed-role\/[\w+=,.@-]{1,64}\/\{\{SessionName\}\}$/;

function isDefaultUsername({ username, principal }: Mapping): boolean {
  const account = DEFAULT_USERNAME.exec(username)?.[1];
  return account === '{{AccountID}}' || account === principal.accountId;
}

/**
 * The limits of the deployment: the characters of one template, and the packed bytes of all. A test compares them with
 * infra/parameters.ts.
 */
const LONGEST_TEMPLATE = 1_024;
export const ROOM_FOR_TEMPLATES = 3_300;

/**
 * Returns sentences for people who paste these templates.
 * @param bytesOf returns the size of a list in a function's environment.
 */
export function templateNotes(
  templates: readonly string[],
  bytesOf: (entries: readonly string[]) => number,
): readonly string[] {
  const unbound = templates.filter((template) => parsed(template)?.role === undefined);
  const long = templates.filter((template) => template.length > LONGEST_TEMPLATE);
  const bytes = bytesOf(templates);
  return [
    ...unbound.map(
      (template) =>
        `${template} applies to all roles: the role's name contains =, so the template cannot be bound to the role.`,
    ),
    ...long.map(
      (template) =>
        `${template} is longer than ${LONGEST_TEMPLATE} characters, the limit of the deployment. Shorten the username, or leave the template out.`,
    ),
    ...(bytes > ROOM_FOR_TEMPLATES
      ? [
          `The templates take ${bytes} bytes. With accounts, regions and clusters, the deployment has room for ${ROOM_FOR_TEMPLATES}. Leave out roles whose audit events state extra.sessionName: these need no template.`,
        ]
      : []),
  ];
}
