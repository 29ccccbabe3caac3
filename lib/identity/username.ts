import type { ErrorCode } from '../error-code.ts';
import { type AccessKeyId, isAccessKeyId } from './access-key.ts';
import { isAccountId, type RoleRef, roleRef } from './arn.ts';
import { dashed, isSessionName } from './session-name.ts';

/** What one template reads from a username. It is no proof, because a template can match by chance. */
export interface UsernameReading {
  /**
   * The session name. `exact` is true if the template keeps the name as it is. Otherwise `@` and `-` cannot be
   * distinguished.
   */
  readonly name?: { readonly text: string; readonly exact: boolean };
  readonly accessKeyId?: AccessKeyId;
}

type Placeholder = 'SessionName' | 'SessionNameRaw' | 'AccountID' | 'AccessKeyID' | 'EC2PrivateDNSName';
type Part = { readonly literal: string } | { readonly placeholder: Placeholder };

/** A parsed template for usernames, from aws-auth or from an access entry. */
export interface UsernameTemplate {
  /** The text as it was configured, with the role to which it is bound. */
  readonly source: string;
  /**
   * The only role whose callers have usernames of this template (CONTRACT, rule 2). Absent if callers of any role do.
   */
  readonly role?: RoleRef;
  readonly parts: readonly Part[];
}

export class UsernameTemplateError extends Error {
  readonly code = 'username-template' satisfies ErrorCode;
}

const PLACEHOLDER = /\{\{(\w+)\}\}/g;
const KNOWN: readonly string[] = ['SessionName', 'SessionNameRaw', 'AccountID', 'AccessKeyID', 'EC2PrivateDNSName'];

/**
 * Matches `<role ARN>=<template>`. The name of a role can contain `=` (IAM API Reference, CreateRole), but here it ends
 * at the first `=`.
 */
const BOUND = /^(arn:[^:=]*:iam::[^:=]*:role\/[^=]+)=(.*)$/s;

/**
 * Parses a template such as `{{AccountID}}:{{SessionName}}`, or one that is bound to a role, `<role ARN>=<template>`.
 * Source of the placeholders: aws-iam-authenticator README, "username" of mapRoles.
 * @throws UsernameTemplateError for an empty template, an invalid role ARN, and a placeholder that the authenticator
 *   does not recognize.
 */
export function parseUsernameTemplate(source: string): UsernameTemplate {
  const [, arn, template = source] = BOUND.exec(source) ?? [];
  if (template === '')
    throw new UsernameTemplateError('A username template is empty: use one like admin:{{SessionName}}.');
  const parts = partsOf(template);
  if (arn === undefined) return { source, parts };
  const role = roleRef(arn);
  if (role === undefined || !isAccountId(role.accountId))
    throw new UsernameTemplateError(
      `The username template "${source}" is bound to "${arn}", which is not the ARN of a role: write arn:aws:iam::<account>:role/<name>=<template>.`,
    );
  return { source, role, parts };
}

function partsOf(source: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of source.matchAll(PLACEHOLDER)) {
    if (match.index > end) parts.push(literal(source.slice(end, match.index), source));
    parts.push({ placeholder: knownPlaceholder(match[1] ?? '', source) });
    end = match.index + match[0].length;
  }
  if (end < source.length) parts.push(literal(source.slice(end), source));
  return parts;
}

/**
 * Returns literal text of a template. The authenticator replaces only `{{SessionName}}` exactly. Braces with blanks,
 * and incomplete ones, stay in the username.
 */
function literal(text: string, source: string): Part {
  const braces = /\{\{[^{}]*\}\}|\{\{|\}\}/.exec(text)?.[0];
  if (braces === undefined) return { literal: text };
  throw new UsernameTemplateError(
    `The username template "${source}" has ${braces}, which is not a complete placeholder: write {{SessionName}}, without blanks.`,
  );
}

function knownPlaceholder(name: string, source: string): Placeholder {
  if (KNOWN.includes(name)) return name as Placeholder;
  throw new UsernameTemplateError(
    `The username template "${source}" has the placeholder {{${name}}}, which aws-iam-authenticator does not know. ` +
      'Use {{SessionName}}, {{SessionNameRaw}}, {{AccountID}} or {{AccessKeyID}}.',
  );
}

interface Binding {
  readonly dashedName?: string;
  readonly rawName?: string;
  readonly accessKeyId?: AccessKeyId;
}

/** Returns all readings with which the template matches the whole username. Empty if it does not match. */
export function readUsername(template: UsernameTemplate, username: string, accountId: string): UsernameReading[] {
  return bind(template.parts, username, accountId, {}).map(toReading);
}

function toReading(binding: Binding): UsernameReading {
  const text = binding.rawName ?? binding.dashedName;
  return {
    ...(text === undefined ? {} : { name: { text, exact: binding.rawName !== undefined } }),
    ...(binding.accessKeyId === undefined ? {} : { accessKeyId: binding.accessKeyId }),
  };
}

function bind(parts: readonly Part[], rest: string, accountId: string, bound: Binding): Binding[] {
  const [part, ...others] = parts;
  if (part === undefined) return rest === '' ? [bound] : [];
  const known = 'literal' in part ? part.literal : boundText(part.placeholder, accountId, bound);
  if (known !== undefined) {
    return rest.startsWith(known) ? bind(others, rest.slice(known.length), accountId, bound) : [];
  }
  if ('literal' in part) return [];
  return openTexts(part.placeholder, rest, others.length === 0).flatMap((text) => {
    const next = extend(bound, part.placeholder, text);
    return next === undefined ? [] : bind(others, rest.slice(text.length), accountId, next);
  });
}

/**
 * Returns the text that a placeholder must have at this position. Undefined if the username so far does not determine
 * it.
 */
function boundText(placeholder: Placeholder, accountId: string, bound: Binding): string | undefined {
  if (placeholder === 'AccountID') return accountId;
  if (placeholder === 'AccessKeyID') return bound.accessKeyId;
  if (placeholder === 'SessionNameRaw') return bound.rawName;
  if (placeholder === 'SessionName') return bound.rawName === undefined ? bound.dashedName : dashed(bound.rawName);
  return undefined;
}

const LONGEST_KEY = 128;
const LONGEST_NAME = 64;

/** Returns those beginnings of `rest` that the placeholder can match, the longest first. */
function openTexts(placeholder: Placeholder, rest: string, isLast: boolean): string[] {
  const fits = fitOf(placeholder);
  if (fits === undefined) return [];
  if (isLast) return fits(rest) ? [rest] : [];
  const longest = Math.min(rest.length, placeholder === 'AccessKeyID' ? LONGEST_KEY : LONGEST_NAME);
  const texts: string[] = [];
  for (let length = longest; length >= 2; length -= 1) {
    const text = rest.slice(0, length);
    if (fits(text)) texts.push(text);
  }
  return texts;
}

function fitOf(placeholder: Placeholder): ((text: string) => boolean) | undefined {
  if (placeholder === 'AccessKeyID') return isAccessKeyId;
  if (placeholder === 'SessionNameRaw') return isSessionName;
  if (placeholder === 'SessionName') return (text) => isSessionName(text) && !text.includes('@');
  return undefined; // {{EC2PrivateDNSName}} is the host name of a node, not of a session.
}

function extend(bound: Binding, placeholder: Placeholder, text: string): Binding | undefined {
  if (placeholder === 'AccessKeyID') return isAccessKeyId(text) ? { ...bound, accessKeyId: text } : undefined;
  if (placeholder === 'SessionName') return { ...bound, dashedName: text };
  if (bound.dashedName !== undefined && dashed(text) !== bound.dashedName) return undefined;
  return { ...bound, rawName: text };
}

const DEFAULT_USERNAME = /^arn:[^:]*:sts::(\d{12}):assumed-role\/[\w+=,.@-]{1,64}\/([\w+=,.-]{2,64})$/;

/**
 * Reads an access entry's default username, `arn:<partition>:sts::<account>:assumed-role/<role>/{{SessionName}}`
 * (FACTS).
 */
export function readDefaultUsername(username: string, accountId: string): UsernameReading[] {
  const [, account, name] = DEFAULT_USERNAME.exec(username) ?? [];
  return account !== accountId || name === undefined ? [] : [{ name: { text: name, exact: false } }];
}

const WORD = /[A-Za-z0-9_]/;

/** The session names that were found in a username, and whether there are more. */
export interface GuessedNames {
  readonly names: readonly string[];
  readonly hasTooMany: boolean;
}

/**
 * Limits the guesses, because each needs a look-up. Usernames have some dozens. Only a username that somebody filled
 * with punctuation has more, and such a username proves nothing.
 */
const MOST_GUESSES = 1_000;
/** The longest part of a username that is searched. No mapping makes a longer text of a session name. */
const LONGEST_GUESSED = 4_096;

/**
 * Returns the session names in a username, with `-` for `@`. At each beginning, the longest comes first. At both ends
 * of a name, the username ends, or a character is outside of `[A-Za-z0-9_]` (CONTRACT, rule 2, "guessed").
 */
export function guessSessionNames(username: string): GuessedNames {
  const text = dashed(username.slice(0, LONGEST_GUESSED));
  const names = new Set<string>();
  const ends = cuts(text, (at) => at === text.length || !WORD.test(text.charAt(at)));
  let last = 0;
  for (const start of cuts(text, (at) => at === 0 || !WORD.test(text.charAt(at - 1)))) {
    while ((ends[last + 1] ?? Number.POSITIVE_INFINITY) - start <= LONGEST_NAME) last += 1;
    for (const name of namesFrom(text, start, ends, last)) {
      if (names.size >= MOST_GUESSES && !names.has(name)) return { names: [...names], hasTooMany: true };
      names.add(name);
    }
  }
  return { names: [...names], hasTooMany: username.length > LONGEST_GUESSED };
}

/** Returns the names that begin at `start` and end at one of the positions up to `last`, the longest first. */
function namesFrom(text: string, start: number, ends: readonly number[], last: number): string[] {
  const names: string[] = [];
  for (let at = last; at >= 0; at -= 1) {
    const end = ends[at] ?? 0;
    if (end - start < 2) break;
    const name = text.slice(start, end);
    if (isSessionName(name)) names.push(name);
  }
  return names;
}

/** Returns the positions at which the text may be cut, including its end. */
function cuts(text: string, mayCut: (at: number) => boolean): number[] {
  const places: number[] = [];
  for (let at = 0; at <= text.length; at += 1) if (mayCut(at)) places.push(at);
  return places;
}
