import { pathlessRoleArn } from '../identity/arn.ts';
import { parseUsernameTemplate, type UsernameTemplate, UsernameTemplateError } from '../identity/username.ts';
import { type Mapping, type Principal, principalKey } from './mapping.ts';

/** What a session can be read back from. */
export const NAMES_SESSION = /\{\{(?:SessionName|SessionNameRaw|AccessKeyID)\}\}/;

/** A node's host name, which no reading of a username gives. */
const NAMES_NODE = /\{\{EC2PrivateDNSName\}\}/;

/** The mapping's own template; undefined where the authenticator would leave braces in the username. */
export function templateOf({ username }: Mapping): UsernameTemplate | undefined {
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
      (template) => `${template} is bound to no role, since = in a role's name would end it: it counts for all roles.`,
    ),
    ...long.map(
      (template) =>
        `${template} is longer than the ${LONGEST_TEMPLATE} characters that the deployment takes: shorten the username, or leave it out.`,
    ),
    ...(bytes > ROOM_FOR_TEMPLATES
      ? [
          `They take ${bytes} bytes, more than the ${ROOM_FOR_TEMPLATES} that the deployment has room for, with accounts and regions: leave out roles whose audit events state extra.sessionName, which need no template.`,
        ]
      : []),
  ];
}
