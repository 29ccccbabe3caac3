import { isSameRole, type RoleName, roleOfIamArn } from './arns.ts';

/** A session name that the username may contain. `exact` if no `@` became `-`. */
export type NameReading = { readonly name: string; readonly exact: boolean };

/** The reading of a username by one template. `unbound` if nothing says which role the template is for. */
export type Reading = { readonly name?: NameReading; readonly accessKeyId?: string; readonly unbound: boolean };

const ACCESS_KEY = /^(AKIA|ASIA)[A-Z0-9]{12,124}$/;
const WORD = /[A-Za-z0-9_]/;

export function accessKey(value: string | undefined): string | undefined {
  return value !== undefined && ACCESS_KEY.test(value) ? value : undefined;
}

export function dashed(name: string): string {
  return name.replaceAll('@', '-');
}

/**
 * Returns what the configured templates and the default one read from the username of a caller in one of these roles.
 */
export function readUsername(
  username: string,
  templates: readonly string[],
  caller: { readonly accountId?: string; readonly roles: readonly RoleName[] },
  notice: (word: string) => void,
): Reading[] {
  const readings = templates.map((text) => {
    const { role, template } = parseTemplate(text);
    const reading = readTemplate(template, username, role === undefined, caller.accountId);
    if (!role || !reading) return reading;
    const counts = caller.roles.some((own) => isSameRole(own, role));
    notice(`bound template of ${counts ? 'the role' : 'another role'}`);
    return counts ? reading : undefined;
  });
  return [...readings, readDefaultTemplate(username, caller.accountId)].filter((reading) => reading !== undefined);
}

/** Returns whether a username contains a session name as a whole: no other character of a word is next to it. */
export function bearsName(username: string, sessionName: string): boolean {
  const whole = dashed(username);
  const name = dashed(sessionName);
  if (name === '') return false;
  for (let at = whole.indexOf(name); at >= 0; at = whole.indexOf(name, at + 1)) {
    if (!WORD.test(whole.charAt(at - 1)) && !WORD.test(whole.charAt(at + name.length))) return true;
  }
  return false;
}

/** Returns whether a guess may decide: only if the name can hardly be equal by chance. */
export function mayDecide(sessionName: string): boolean {
  return sessionName.length >= 10 && /[0-9]/.test(sessionName);
}

export function readsAs(name: string, { name: read, exact }: NameReading): boolean {
  return exact ? read === name : dashed(read) === dashed(name);
}

/** Parses `<role ARN>=<template>`, or a template without a role. */
function parseTemplate(text: string): { role?: RoleName; template: string } {
  const [, arn, template] = /^(arn:[^:]+:iam::\d{12}:role\/[^={}]+)=(.+)$/.exec(text) ?? [];
  const role = roleOfIamArn(arn);
  return role === undefined || template === undefined ? { template: text } : { role, template };
}

function readTemplate(template: string, username: string, unbound: boolean, accountId?: string): Reading | undefined {
  if (template.includes('{{AccountID}}') && accountId === undefined) return undefined;
  const found = new RegExp(`^${templatePattern(template, accountId ?? '')}$`).exec(username);
  return found ? readingOf(found.groups ?? {}, unbound) : undefined;
}

/** Reads the default username of an access entry: the session's own STS ARN. */
function readDefaultTemplate(username: string, accountId?: string): Reading | undefined {
  const found = /^arn:[^:/]+:sts::(\d{12}):assumed-role\/[^/]+\/(?<name>[\w+=,.-]{2,64})$/.exec(username);
  return found && found[1] === accountId ? readingOf(found.groups ?? {}, false) : undefined;
}

function readingOf(groups: Record<string, string | undefined>, unbound: boolean): Reading {
  const name = groups.raw ?? groups.name;
  const accessKeyId = groups.key;
  return {
    ...(name === undefined ? {} : { name: { name, exact: groups.raw !== undefined } }),
    ...(accessKeyId === undefined ? {} : { accessKeyId }),
    unbound,
  };
}

function templatePattern(template: string, accountId: string): string {
  const patterns: Record<string, string> = {
    '{{SessionName}}': '(?<name>[\\w+=,.-]{2,64})',
    '{{SessionNameRaw}}': '(?<raw>[\\w+=,.@-]{2,64})',
    '{{AccessKeyID}}': '(?<key>(?:AKIA|ASIA)[A-Z0-9]{12,124})',
    '{{AccountID}}': accountId,
  };
  return template
    .split(/(\{\{\w+\}\})/)
    .map((part) => patterns[part] ?? part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('');
}
