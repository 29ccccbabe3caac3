import { isAccountId } from '../../identity/arn.ts';
import { DAY, type EpochMillis, epochMillis, formatInstant, startOfDay } from '../../time.ts';

/** Which folders of a trail or of Security Lake to read. Without any field, all of them are. */
export interface WantedFolders {
  /** What to find. Security Lake keeps each source in a folder of its own. */
  readonly content: 'cloudtrail' | 'audit';
  /** The Regions to read. Empty for all. */
  readonly regions: readonly string[];
  /** The first and the last day, as any time of that day. Undefined if there is no limit. */
  readonly from?: EpochMillis | undefined;
  readonly to?: EpochMillis | undefined;
}

/**
 * What to do with a folder. `whole`: read everything below it. `enter`: list its subfolders. `narrow`: look only at
 * these subfolders. `outside`: it has nothing that is wanted. `other`: it belongs to another service or source.
 * `unknown`: it belongs to no known layout.
 */
export type FolderJudgement =
  | { readonly is: 'whole' | 'enter' | 'outside' | 'other' | 'unknown' }
  | { readonly is: 'narrow'; readonly folders: readonly string[] };

const WHOLE = { is: 'whole' } as const;
const ENTER = { is: 'enter' } as const;
const OUTSIDE = { is: 'outside' } as const;
const OTHER = { is: 'other' } as const;
const UNKNOWN = { is: 'unknown' } as const;

/**
 * Decides what to do with a folder, which is a prefix that ends with `/`. It knows two layouts. A trail has
 * `AWSLogs/[<organization>/]<account>/CloudTrail/<Region>/<yyyy>/<mm>/<dd>/`. Security Lake has
 * `aws/<source>/<version>/region=<Region>/accountId=<account>/eventDay=<yyyymmdd>/`, and custom sources below `ext/`.
 * Source: AWS CloudTrail User Guide, "Finding your CloudTrail log files". Amazon Security Lake User Guide, "Source
 * management" and "Custom sources".
 */
export function judgeFolder(folder: string, wanted: WantedFolders): FolderJudgement {
  const parts = folder.split('/').slice(0, -1);
  const trail = parts.lastIndexOf('AWSLogs');
  if (trail >= 0) return judgeTrail(folder, parts.slice(trail + 1), wanted);
  return judgeLake(folder, parts, wanted);
}

function isUnlimited({ regions, from, to }: WantedFolders): boolean {
  return regions.length === 0 && from === undefined && to === undefined;
}

const TRAIL = 'CloudTrail';

function judgeTrail(folder: string, parts: readonly string[], wanted: WantedFolders): FolderJudgement {
  const isOfOrganization = /^o-[a-z0-9]{10,32}$/.test(parts[0] ?? '');
  const [account, service, region, year, month, day] = isOfOrganization ? parts.slice(1) : parts;
  if (account === undefined) return ENTER;
  if (!isAccountId(account)) return WHOLE;
  if (service === undefined) return { is: 'narrow', folders: [`${folder}${TRAIL}/`] };
  if (service !== TRAIL) return OTHER;
  if (region === undefined) return judgeAboveRegions(wanted, (name) => `${folder}${name}/`);
  if (!isWantedRegion(region, wanted)) return OUTSIDE;
  if (year === undefined) return judgeAboveDays(wanted, (text) => `${folder}${text.replaceAll('-', '/')}/`);
  return judgeDate([year, month, day], wanted);
}

/** Matches the folders of Security Lake's own sources, which are in capitals. */
const SOURCE = /^[A-Z][A-Z0-9_]+$/;
const SOURCE_OF = { cloudtrail: 'CLOUD_TRAIL_MGMT', audit: 'EKS_AUDIT' } as const;

function judgeLake(folder: string, parts: readonly string[], wanted: WantedFolders): FolderJudgement {
  const value = (key: string) => parts.find((part) => part.startsWith(`${key}=`))?.slice(key.length + 1);
  const [region, account, day] = [value('region'), value('accountId'), value('eventDay')];
  if (region === undefined) return judgeAboveLake(parts, wanted);
  if (!isWantedRegion(region, wanted)) return OUTSIDE;
  if (day !== undefined) return judgeDate([day.slice(0, 4), day.slice(4, 6), day.slice(6, 8)], wanted);
  if (account === undefined) return wanted.from === undefined && wanted.to === undefined ? WHOLE : ENTER;
  return judgeAboveDays(wanted, (text) => `${folder}eventDay=${text.replaceAll('-', '')}/`);
}

/** The folder of Iceberg's own files. It is beside the folders of the data. */
const OF_ICEBERG = 'metadata';

function judgeAboveLake(parts: readonly string[], wanted: WantedFolders): FolderJudgement {
  const root = parts.findLastIndex((part) => part === 'aws' || part === 'ext');
  if (root < 0) return UNKNOWN;
  const [source, version, below] = parts.slice(root + 1);
  if (source === undefined) return ENTER;
  if (parts[root] === 'aws' && !SOURCE.test(source)) return UNKNOWN;
  if (parts[root] === 'aws' && source !== SOURCE_OF[wanted.content]) return OTHER;
  if (below === undefined && version !== OF_ICEBERG) return ENTER;
  return version === OF_ICEBERG || below === OF_ICEBERG ? OTHER : UNKNOWN;
}

function isWantedRegion(region: string, { regions }: WantedFolders): boolean {
  return regions.length === 0 || regions.includes(region);
}

function judgeAboveRegions(wanted: WantedFolders, folderOf: (region: string) => string): FolderJudgement {
  if (isUnlimited(wanted)) return WHOLE;
  return wanted.regions.length === 0 ? ENTER : { is: 'narrow', folders: wanted.regions.map(folderOf) };
}

/** Limits the days that are listed by name. With more days, it takes fewer requests to list the existing folders. */
const MOST_NAMED_DAYS = 40;

/**
 * Decides about a folder above those of days. If both ends are known, the days can be named.
 * @param folderOf returns the folder of a day, given as `2026-03-10`.
 */
function judgeAboveDays({ from, to }: WantedFolders, folderOf: (day: string) => string): FolderJudgement {
  if (from === undefined && to === undefined) return WHOLE;
  if (from === undefined || to === undefined || (to - from) / DAY > MOST_NAMED_DAYS) return ENTER;
  const folders = [];
  for (let day = startOfDay(from); day <= to; day += DAY) folders.push(folderOf(dayText(day)));
  return { is: 'narrow', folders };
}

function dayText(at: number): string {
  return formatInstant(epochMillis(at)).slice(0, 10);
}

/** Decides about a year, month or day by its name. It compares the name with both ends, cut to the same length. */
function judgeDate(date: readonly (string | undefined)[], { from, to }: WantedFolders): FolderJudgement {
  const given = date.slice(0, date.includes(undefined) ? date.indexOf(undefined) : 3);
  if (!given.every((part) => /^\d{2,4}$/.test(part ?? ''))) return WHOLE;
  const text = given.join('-');
  const [first, last] = [from, to].map((at) => (at === undefined ? undefined : dayText(at).slice(0, text.length)));
  if ((first !== undefined && text < first) || (last !== undefined && text > last)) return OUTSIDE;
  const isInside = text !== first && text !== last;
  return given.length === 3 || isInside ? WHOLE : ENTER;
}
