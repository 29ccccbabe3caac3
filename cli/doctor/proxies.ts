import { type Impersonator, proposedProxies } from '../../lib/doctor/trusted-proxies.ts';
import { quoted } from '../../lib/shell.ts';
import { indented, yamlList } from './section.ts';

const BELIEVED =
  'To trust one is to believe its word for the person: whoever controls it, or may create pods with its service account, can name anybody. None is trusted unless you configure it.';
const OTHERS = 'Others act in the name of people; they are not proposed:';

/** Who acts in the name of people, with the lines to paste; nothing where nobody does. */
export function proxyTexts(impersonators: readonly Impersonator[]): readonly string[] {
  const [proposed, others] = [true, false].map((is) => impersonators.filter((each) => each.proposed === is));
  const proxies = proposedProxies(impersonators);
  const sections = [
    ...(proposed?.length ? [BELIEVED, ...proposed.flatMap(linesOf)] : []),
    ...(proxies.length > 0 ? ['In eks-whois.yaml:', `trustedProxies: ${yamlList(proxies)}`] : []),
    ...(others?.length ? [OTHERS, ...others.flatMap(linesOf)] : []),
  ];
  return sections.length === 0 ? [] : [`TRUSTED PROXIES that could be configured\n${indented(sections)}`];
}

function linesOf({ caller, tool, proxy, events, names, more, clusters, means }: Impersonator): readonly string[] {
  const where = clusters.length === 0 ? '' : ` (${clusters.join(', ')})`;
  const whom = more ? `${names.join(', ')} and others` : names.join(', ');
  const seen = `${events === 1 ? '1 audit event' : `${events} audit events`} in the name of ${whom}${where}`;
  return [
    `${tool === undefined ? '' : `${tool}: `}${caller}: ${seen}`,
    `  means: ${means}`,
    ...(proxy === undefined ? [] : [`  --trusted-proxy ${quoted(proxy)}`]),
  ];
}
