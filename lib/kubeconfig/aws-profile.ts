import { keepLineEnds, withPlainLineEnds } from './lines.ts';

/** The settings of one profile in the AWS config file, by key. */
export type ProfileSettings = Readonly<Record<string, string>>;

/** The AWS config file after a profile was written. */
export interface ProfileEdit {
  readonly text: string;
  readonly change: 'added' | 'updated' | 'unchanged';
  /** The settings that had another value before. */
  readonly fields: readonly string[];
}

/** The settings of a profile that assumes a role (AWS CLI User Guide, "Using an IAM role in the AWS CLI"). */
export interface RoleProfile {
  readonly roleArn: string;
  readonly sessionName: string;
  /** The credentials that assume the role. */
  readonly source: CredentialSource;
}

export type CredentialSource =
  | { readonly kind: 'profile'; readonly profile: string }
  | { readonly kind: 'place'; readonly place: 'Environment' | 'Ec2InstanceMetadata' | 'EcsContainer' };

/** Returns the name with `-` for each character that the AWS CLI or an SDK refuses in a profile's name. */
export function profileName(name: string): string {
  return name.replace(/[^\w@+.%:/-]/g, '-');
}

/**
 * Writes the role's profile into the text of an AWS config file. Other profiles, comments and other settings stay byte
 * for byte. New lines end as most lines of the file do.
 */
export function writeRoleProfile(
  text: string,
  name: string,
  { roleArn, sessionName, source }: RoleProfile,
): ProfileEdit {
  const settings = {
    role_arn: roleArn,
    role_session_name: sessionName,
    ...(source.kind === 'profile' ? { source_profile: source.profile } : { credential_source: source.place }),
  };
  const plain = withPlainLineEnds(text);
  const lines = plain.split('\n');
  const section = sectionOf(lines, name);
  const edit: ProfileEdit =
    section === undefined
      ? { text: appended(plain, name, settings), change: 'added', fields: [] }
      : updated(lines, section, settings);
  return { ...edit, text: keepLineEnds(text, edit.text) };
}

/** Returns the settings of a profile in the AWS config file. Undefined if there is no such profile. */
export function readProfile(text: string, name: string): ProfileSettings | undefined {
  const lines = text.split('\n');
  const section = sectionOf(lines, name);
  if (section === undefined) return undefined;
  return Object.fromEntries(lines.slice(section.first, section.end).flatMap((line) => settingOf(line) ?? []));
}

/** Returns whether the AWS credentials file has the profile. In that file, profiles have no prefix. */
export function hasCredentials(text: string, name: string): boolean {
  return credentialsNames(text).includes(name);
}

/** Returns the profiles of the AWS config file, then those of the credentials file, in their order. */
export function profilesOf(config: string, credentials: string): readonly string[] {
  const named = config.split('\n').flatMap((line) => nameIn(line) ?? []);
  return [...new Set([...named, ...credentialsNames(credentials)])];
}

function credentialsNames(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => /^\s*\[\s*(.*?)\s*\]/.exec(line)?.[1] ?? []);
}

interface SectionLines {
  /** The index of the line after the header. */
  readonly first: number;
  readonly end: number;
}

/**
 * Matches the header of a profile. In the config file, only `[default]` and `[profile x]` are profiles (botocore,
 * `configloader.py`, `build_profile_map`).
 */
const PROFILE = /^\s*\[(?:profile\s+(["']?)(.*?)\1\s*|(default))\]/;
const HEADER = /^\s*\[.*\]/;

function nameIn(line: string): string | undefined {
  const [, , name, byDefault] = PROFILE.exec(line) ?? [];
  return name ?? byDefault;
}

function sectionOf(lines: readonly string[], name: string): SectionLines | undefined {
  const header = lines.findIndex((line) => nameIn(line) === name);
  if (header < 0) return undefined;
  const next = lines.findIndex((line, index) => index > header && HEADER.test(line));
  return { first: header + 1, end: next < 0 ? lines.length : next };
}

/** Parses `key = value`. An indented line continues the setting before it. */
function settingOf(line: string): [[string, string]] | undefined {
  const [, key, value] = /^([^\s=#;[][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
  return key === undefined || value === undefined ? undefined : [[key, value]];
}

function appended(text: string, name: string, settings: ProfileSettings): string {
  const gap = text === '' ? '' : text.endsWith('\n') ? '\n' : '\n\n';
  const lines = Object.entries(settings).map(([key, value]) => `${key} = ${value}\n`);
  return `${text}${gap}[${name === 'default' ? '' : 'profile '}${name}]\n${lines.join('')}`;
}

/** The settings that would select other credentials than the role's new ones. */
const CONTRARY = ['source_profile', 'credential_source', 'web_identity_token_file'];

function updated(lines: readonly string[], { first, end }: SectionLines, settings: ProfileSettings): ProfileEdit {
  const missing = new Map(Object.entries(settings));
  const fields: string[] = [];
  const body = lines.slice(first, end).flatMap((line) => {
    const [[key, old] = ['', '']] = settingOf(line) ?? [];
    const value = settings[key];
    if (value === undefined && !CONTRARY.includes(key)) return [line];
    missing.delete(key);
    if (value === old) return [line];
    fields.push(key);
    return value === undefined ? [] : [`${key} = ${value}`];
  });
  const added = [...missing].map(([key, value]) => `${key} = ${value}`);
  fields.push(...missing.keys());
  const text = [...lines.slice(0, first), ...added, ...body, ...lines.slice(end)].join('\n');
  return { text, change: fields.length === 0 ? 'unchanged' : 'updated', fields };
}
