import { FORM_SAMPLES, type FormSample, PACKED_SAMPLES } from '../../examples/forms.ts';
import type { ParameterName } from '../../infra/parameters.ts';
import { rollOutResources } from '../../infra/plain/organization.ts';
import { spokeParts } from '../../infra/plain/spoke-parts.ts';
import { backfillStatements, type Statement } from '../../infra/policies.ts';
import { roleResources } from '../../infra/roles.ts';
import { METHODS } from '../../lib/attribution/attribution.ts';
import { FLAG_DETAIL, FLAG_ROWS, FLAG_RUNBOOK, FLAGS, flagsWhere } from '../../lib/attribution/flags.ts';
import {
  REASON_DETAIL,
  REASON_ROWS,
  REASON_RUNBOOK,
  REASONS,
  type Runbook,
  STATUSES,
} from '../../lib/attribution/reasons.ts';
import { ALERT_CAUSES, DEFAULT_ALERT_CAUSES, rowOfCause } from '../../lib/claims/alert-cause.ts';
import { type JsonObject, listAt } from '../../lib/json.ts';
import { deployed } from '../functions/deployed.ts';
import { statementsOf } from '../infra/reading.ts';
import { OTHER } from '../infra/stacks.ts';
import { between, type DerivedPart, inside } from './derived-part.ts';

/** A part, and what is said of it where it is wrong. */
export interface NamedPart extends DerivedPart {
  readonly of: string;
}

const quoted = (words: readonly string[]) => words.map((word) => `\`${word}\``).join(', ');

function markdownRows(rows: readonly (readonly string[])[]): string {
  return rows.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`).join('');
}

/** The rows of the table with this heading. */
function rowsOf(file: string, heading: string, rows: readonly (readonly string[])[]): NamedPart {
  const after = new RegExp(`^\\| ${heading.replace(/[|.()]/g, '\\$&')} \\|\\n\\|[-|]+\\|\\n`, 'm');
  return { file, of: `the table "${heading}"`, find: inside(after, /^(?!\|)/m), is: markdownRows(rows) };
}

/** Returns the text below a heading, from the first section on. */
function sectionsOf(heading: string, runbooks: readonly (readonly [word: string, Runbook])[]): NamedPart {
  return {
    file: 'docs/alerts.md',
    of: `the sections below "${heading}"`,
    find: inside(new RegExp(`^## ${heading}\\n(?:(?!#).*\\n)*`, 'm'), /^## /m),
    is: runbooks.map(([word, runbook]) => sectionText(word, runbook)).join(''),
  };
}

function sectionText(word: string, { means, harmless, attack, first, fix, close }: Runbook): string {
  const steps = first.map((step, at) => `  ${at + 1}. ${step}\n`).join('');
  const parts = [
    ['Meaning:', means],
    ['Harmless cause:', harmless],
    ['Possible attack:', attack],
  ] as const;
  const begin = parts.map(([title, text]) => `- **${title}** ${text}\n`).join('');
  return `### ${word}\n\n${begin}- **First steps:**\n${steps}- **Fix:** ${fix}\n- **Close** ${close}\n\n`;
}

/** The words of an enum of a component's schema, one a line. */
function enumOf(name: string, words: readonly string[]): NamedPart {
  return {
    file: 'openapi.yaml',
    of: `the schema ${name}`,
    find: inside(new RegExp(`^    ${name}:\\n(?:      (?!enum).*\\n)*      enum:\\n`, 'm'), /^(?! {8}- )/m),
    is: words.map((word) => `        - ${word}\n`).join(''),
  };
}

/** Words as prose, a comment or SQL has them, in lines of this width at most. */
function wrapped(text: string, begin: string, width: number): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && `${line} ${word}`.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(`${begin}${word}`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

const sql = (words: readonly string[]) => words.map((word) => `'${word}'`).join(', ');
const weighing = (weight: string) => REASONS.filter((reason) => REASON_ROWS[reason].weight === weight);
const GRAVE_FLAGS = flagsWhere(({ alert }) => alert === 'grave');
const OFF = ALERT_CAUSES.filter((cause) => !DEFAULT_ALERT_CAUSES.includes(cause));
const reasonsWith = (status: string) => REASONS.filter((reason) => REASON_ROWS[reason].status === status);
const runbooksOf = (status: string) => reasonsWith(status).map((reason) => [reason, REASON_RUNBOOK[reason]] as const);

const formRow = ({ file, is, by, origin, vouch }: FormSample) => [
  `[${file}](../examples/forms/${file})`,
  is,
  by,
  `${origin}${vouch === undefined ? '' : `: \`--log-group ${vouch}\``}`,
];

/** The actions of all roles of a stack, by service, also those under a condition. */
function actionsOf(resources: JsonObject): string {
  const statements = statementsOf({ Resources: resources }).map((each) => listAt(each, 'Fn::If')?.[1] ?? each);
  const actions = statements.flatMap((each) => [(each as JsonObject).Action].flat().map(String));
  return quoted([...new Set(actions)].toSorted());
}

/** The functions' roles alone: a managed policy has no boundary. */
/** The policy of a stack `eks-whois-prod` in an account and Region of the examples. */
function policyText(statements: readonly Statement[]): string {
  const text = JSON.stringify({ Version: '2012-10-17', Statement: statements }, null, 2);
  const filled = text
    .replaceAll(/\{\s*"Fn::Sub": ("[^"]*")\s*\}/g, '$1')
    .replaceAll(/\[\s*("[^[\]{}]*")\s*\]/g, (_, items: string) => `[${items.replaceAll(/\s+/g, ' ')}]`)
    .replaceAll(/\$\{AWS::(\w+)\}/g, (_, name: string) => EXAMPLE[name] ?? '')
    .replaceAll('eks-whois-dev', 'eks-whois-prod');
  return `${filled}\n`;
}

const EXAMPLE: Readonly<Record<string, string>> = { Partition: 'aws', Region: 'eu-west-1', AccountId: '111122223333' };

function rolesOf(parameters: Readonly<Partial<Record<ParameterName, string>>>): JsonObject {
  return roleResources(deployed(parameters)) as JsonObject;
}

const { stack, hubAccount, hubRegion, tables, clusters, ...OF_HUB } = OTHER;
const OF_SPOKE = { stack, hubAccount, hubRegion, findClusters: '*', kmsKeyArn: OTHER.kmsKeyArn };
const IN_VPC = { subnets: OTHER.subnets, securityGroups: OTHER.securityGroups };

export const DERIVED: readonly NamedPart[] = [
  rowsOf('docs/access.md', 'roles of | actions that the boundary must allow', [
    ['a hub', actionsOf(rolesOf(OF_HUB))],
    ['a spoke', actionsOf({ ...rolesOf({ ...OF_SPOKE, ...IN_VPC }), ...spokeParts().resources })],
    ['the stack that deploys the spokes of an organization', actionsOf(rollOutResources('') as JsonObject)],
  ]),
  {
    file: 'docs/access.md',
    of: 'the policy of backfill',
    find: inside(/^## Who may run backfill\n(?:(?!```json).*\n)*```json\n/m, /^```$/m),
    is: policyText(backfillStatements(deployed({}))),
  },
  rowsOf(
    'docs/forms.md',
    '`sample` | what it is | recognized by | where its origin is stated',
    FORM_SAMPLES.map(formRow),
  ),
  rowsOf(
    'docs/forms.md',
    '`packed sample` | what it is',
    PACKED_SAMPLES.map(({ file, is }) => [`[packed/${file}](../examples/forms/packed/${file})`, is]),
  ),
  rowsOf(
    'docs/record.md',
    '`attribution.reason` | with | why',
    REASONS.map((reason) => {
      const { status, why } = REASON_ROWS[reason];
      const detail = REASON_DETAIL[reason] ?? '';
      return [`\`${reason}\``, `\`${status}\``, `${why} ${detail}`.trim()];
    }),
  ),
  rowsOf(
    'docs/record.md',
    'flag in `attribution.flags` | with | meaning',
    FLAGS.map((flag) => {
      const { says, isNameUnproven, with: statuses } = FLAG_ROWS[flag];
      const detail = FLAG_DETAIL[flag] ?? '';
      const doubt = isNameUnproven ? ' **The name is not proven.**' : '';
      const all = statuses.length === STATUSES.length ? 'any' : quoted(statuses);
      return [`\`${flag}\``, all, `${`${says} ${detail}`.trim()}${doubt}`];
    }),
  ),
  rowsOf(
    'docs/alerts.md',
    'cause (parameter `alertOn`) | by default | see',
    [...DEFAULT_ALERT_CAUSES, ...OFF].map((cause) => {
      const { isDefault, section } = rowOfCause(cause);
      return [`\`${cause}\``, isDefault ? 'on' : 'off', `[below](#${section})`];
    }),
  ),
  sectionsOf('Reasons of unattributed', runbooksOf('unattributed')),
  sectionsOf('Reasons of partial', runbooksOf('partial')),
  sectionsOf(
    'Several actors',
    ALERT_CAUSES.flatMap((cause) => {
      const { runbook } = rowOfCause(cause);
      return runbook === undefined || FLAGS.some((flag) => flag === cause) ? [] : [[cause, runbook] as const];
    }),
  ),
  sectionsOf(
    'Flags',
    FLAGS.map((flag) => [flag, FLAG_RUNBOOK[flag]]),
  ),
  enumOf('Status', STATUSES),
  enumOf('Method', METHODS),
  enumOf('Reason', REASONS),
  enumOf('Flag', FLAGS),
  {
    file: 'docs/ocsf.md',
    of: 'the table of severities',
    find: between('| `severity_id` | if |\n|---|---|\n', '\n### '),
    is: [
      markdownRows([
        ['3 Medium', `the reason is ${quoted(weighing('grave'))}, or a flag is raised for a possible deception`],
        ['2 Low', `the status is \`unattributed\` or \`ambiguous\`, or the reason is ${quoted(weighing('notable'))}`],
        ['1 Informational', 'otherwise'],
      ]),
      `\nThese flags are raised for a possible deception:\n\n${GRAVE_FLAGS.map((flag) => `- \`${flag}\`\n`).join('')}`,
    ].join(''),
  },
  {
    file: 'docs/ocsf-export.sql',
    of: 'severity_number',
    find: inside(/^ {4}CASE\n(?= +WHEN reason)/m, /^ +ELSE 1\n +END AS severity_number/m),
    is: [
      `      WHEN reason IN (${sql(weighing('grave'))}) THEN 3\n`,
      wrapped(`WHEN cardinality(array_intersect(flags, ARRAY[${sql(GRAVE_FLAGS)}])) > 0 THEN 3`, '      ', 120),
      `      WHEN attribution_status IN ('unattributed', 'ambiguous') OR reason IN (${sql(weighing('notable'))}) THEN 2\n`,
    ].join(''),
  },
];
