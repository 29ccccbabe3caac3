import { pathlessRoleArn } from '../identity/arn.ts';
import {
  parseUsernameTemplate,
  readUsername,
  type UsernameTemplate,
  UsernameTemplateError,
} from '../identity/username.ts';
import { quoted } from '../shell.ts';
import { command, type Finding, finding } from './finding.ts';
import { entryOptions, type Mapping, type Principal, placeOf, principalKey } from './mapping.ts';

/** What the usernames of a cluster hide: lost sessions, shared names, placeholders that are none. */
export function usernameFindings(mappings: readonly Mapping[]): readonly Finding[] {
  const people = mappings.filter(({ forNodes }) => !forNodes);
  const readable = people.filter((mapping) => !hasUnknownPlaceholder(mapping));
  const shared = sharedUsernames(readable);
  const prefixes = new Map(shared.flatMap((together) => ownPrefixes(together)));
  return [
    ...people.filter(hasUnknownPlaceholder).map(unknownPlaceholder),
    // an entry that is to have a name of its own gets the same step here
    ...readable.filter(losesSession).map((mapping) => lostSession(mapping, prefixes.get(mapping) ?? mapping.username)),
    ...shared.map(sharedUsername),
  ];
}

/** What is left of braces once the known placeholders are taken away: they stay in the username as they are. */
const BRACES = /\{\{|\}\}|\{\s*\w+\s*\}/;

/**
 * The authenticator replaces `{{SessionName}}` and its kin as they are spelt, without blanks (kubernetes-sigs/
 * aws-iam-authenticator, pkg/server, `renderTemplate`: `strings.Replace`).
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

/** The step that gives a mapping a username with the session after a prefix. */
function renaming({ principal, source, username }: Mapping, prefix: string): string {
  const session =
    principal.kind === 'user' ? '' : source.kind === 'aws-auth' ? ':{{SessionNameRaw}}' : ':{{SessionName}}';
  const renamed = `${prefix}${session}`;
  const bindings = `Then change RBAC bindings of the user ${username} to bind a group.`;
  return source.kind === 'aws-auth'
    ? `${command('kubectl edit configmap aws-auth -n kube-system')}: in ${source.place}, set username: "${renamed}". ${bindings}`
    : `${command(`aws eks update-access-entry ${entryOptions(source)} --principal-arn ${quoted(principal.arn)} --username ${quoted(renamed)}`)}. ${bindings}`;
}

/** Each set of principals of which one can have another's username; each is in one set. */
function sharedUsernames(mappings: readonly Mapping[]): readonly (readonly Mapping[])[] {
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
    return [together];
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
    mend: `Give each principal its own username: ${ownPrefixes(together)
      .map(([each, prefix]) => renaming(each, prefix))
      .join(' ')}`,
  });
}

/** All but the first: its name, with the account where another has that name too. */
function ownPrefixes(together: readonly Mapping[]): readonly (readonly [Mapping, string])[] {
  return together.slice(1).map((each) => {
    const { accountId, name } = each.principal;
    const namesakes = together.filter((other) => other.principal.name === name);
    return [each, namesakes.length > 1 ? `${accountId}:${name}` : name];
  });
}

/** What a session can be read back from. */
const NAMES_SESSION = /\{\{(?:SessionName|SessionNameRaw|AccessKeyID)\}\}/;

/** A node's host name, which no reading of a username gives. */
const NAMES_NODE = /\{\{EC2PrivateDNSName\}\}/;

/** The mapping's own template; undefined where the authenticator would leave braces in the username. */
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
 * The username templates to configure, each bound to the role that has it (CONTRACT, rule 2): those from which a session
 * can be read back, each once, without the default of access entries, which the rules know. A role that several clusters
 * or lists name, with its path or without, is one.
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
 * `<role ARN>=<template>`. Without the role's path, which aws-auth has lost and by which nothing is compared. A name with
 * `=` in it cannot be bound by, since the first one ends the ARN: then the template alone, which excludes nobody.
 */
function boundTemplate({ principal, username }: Mapping): string {
  const bound = `${pathless(principal)}=${username}`;
  const { roleName, accountId } = parsed(bound)?.role ?? {};
  return roleName === principal.name && accountId === principal.accountId ? bound : username;
}

function pathless({ arn, accountId, name }: Principal): string {
  return pathlessRoleArn({ accountId, roleName: name }, arn);
}

const DEFAULT_USERNAME =
  /^arn:[^:]*:sts::(\d{12}|\{\{AccountID\}\}):assumed-role\/[\w+=,.@-]{1,64}\/\{\{SessionName\}\}$/;

function isDefaultUsername({ username, principal }: Mapping): boolean {
  const account = DEFAULT_USERNAME.exec(username)?.[1];
  return account === '{{AccountID}}' || account === principal.accountId;
}

/** What the deployment takes (infra/parameters.ts, which a test holds these against): characters each, bytes in all, packed. */
const LONGEST_TEMPLATE = 1_024;
export const ROOM_FOR_TEMPLATES = 3_300;

/**
 * What whoever pastes these templates should know: sentences for a person. `bytesOf`: what a list takes in a function's
 * environment.
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
          `The templates take ${bytes} bytes. With accounts and regions, the deployment has room for ${ROOM_FOR_TEMPLATES}. Leave out roles whose audit events state extra.sessionName: these need no template.`,
        ]
      : []),
  ];
}
