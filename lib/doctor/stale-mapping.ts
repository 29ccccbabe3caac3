import { quoted } from '../shell.ts';
import { command } from './commands.ts';
import { type Finding, finding } from './finding.ts';
import { entryOptions, type Mapping, placeOf } from './mapping.ts';

/**
 * The entries of roles that are no more. A role that is made again under that ARN has another id: an access entry, with
 * which EKS keeps the id of the first, "won't work" for it (Amazon EKS API Reference, AccessEntry, `principalArn`);
 * aws-auth knows ARNs alone and lets it in.
 */
export function staleMappings(mappings: readonly Mapping[]): readonly Finding[] {
  return mappings.map((mapping) =>
    finding('mapping-stale', {
      subject: mapping.principal.arn,
      evidence: `${placeOf(mapping)}: iam:GetRole finds no role ${mapping.principal.name}.`,
      mend: removing(mapping),
    }),
  );
}

function removing({ source, principal }: Mapping): string {
  if (source.kind === 'aws-auth')
    return `${command('kubectl edit configmap aws-auth -n kube-system')}, and remove ${source.place}. Until then whoever makes a role of that name comes in by it.`;
  const step = command(`aws eks delete-access-entry ${entryOptions(source)} --principal-arn ${quoted(principal.arn)}`);
  return `${step}. A role that is made again under that name needs a new entry in any case: this one is bound to the id of the first.`;
}
