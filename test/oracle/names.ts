/** A session name that the username may hold; `exact` where no `@` became `-`. */
export type NameReading = { readonly name: string; readonly exact: boolean };

export type TemplateReading = { readonly name?: NameReading; readonly accessKeyId?: string };

const ACCESS_KEY = /^(AKIA|ASIA)[A-Z0-9]{12,124}$/;

export function accessKey(value: string | undefined): string | undefined {
  return value !== undefined && ACCESS_KEY.test(value) ? value : undefined;
}

export function dashed(name: string): string {
  return name.replaceAll('@', '-');
}

/** What a configured template says of a username, or undefined where it does not match the whole of it. */
export function readTemplate(template: string, username: string, accountId?: string): TemplateReading | undefined {
  if (template.includes('{{AccountID}}') && accountId === undefined) return undefined;
  const found = new RegExp(`^${templatePattern(template, accountId ?? '')}$`).exec(username);
  return found ? readingOf(found.groups ?? {}) : undefined;
}

/** The default username of an access entry: the session's own STS ARN. */
export function readDefaultTemplate(username: string, accountId?: string): TemplateReading | undefined {
  const found = /^arn:[^:/]+:sts::(\d{12}):assumed-role\/[^/]+\/(?<name>[\w+=,.-]{2,64})$/.exec(username);
  return found && found[1] === accountId ? readingOf(found.groups ?? {}) : undefined;
}

/** Whether a username bears a session name whole, or at its start or end, cut off by a character of no word. */
export function bearsName(username: string, sessionName: string): boolean {
  const whole = dashed(username);
  const name = dashed(sessionName);
  if (name === '') return false;
  if (whole === name) return true;
  const atStart = whole.startsWith(name) && isCut(whole.charAt(name.length));
  const atEnd = whole.endsWith(name) && isCut(whole.charAt(whole.length - name.length - 1));
  return atStart || atEnd;
}

/** A guess may decide only where the name can hardly be a chance likeness. */
export function mayDecide(sessionName: string): boolean {
  return sessionName.length >= 10 && /[0-9]/.test(sessionName);
}

function isCut(character: string): boolean {
  return !/[A-Za-z0-9_]/.test(character);
}

function readingOf(groups: Record<string, string | undefined>): TemplateReading {
  const name = groups.raw ?? groups.name;
  const accessKeyId = groups.key;
  return {
    ...(name === undefined ? {} : { name: { name, exact: groups.raw !== undefined } }),
    ...(accessKeyId === undefined ? {} : { accessKeyId }),
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
