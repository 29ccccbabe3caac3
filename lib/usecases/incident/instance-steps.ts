import { quoted } from '../../shell.ts';
import type { Section, Step } from './report.ts';

const SOURCE = 'EKS Best Practices Guides, "Restrict access to the instance profile assigned to the worker node"';

/** Returns the steps that find the instance whose credentials somebody used, and who could take them. */
export function instanceSteps({ node, standing, actor, sources }: Section): readonly Step[] {
  const instance = node?.instance ?? (sources && actor?.workload);
  if (standing === 'system' || instance === undefined) return [];
  const pods: readonly Step[] =
    node === undefined
      ? []
      : [
          {
            title: `Find out who ran commands in pods of the node ${node.name}`,
            command: `kubectl get pods --all-namespaces --field-selector ${quoted(`spec.nodeName=${node.name}`)}`,
            effect:
              'Shows the pods that run on the node now. Compare them with the commands in pods of the hours before: eks-whois records ' +
              '--resource pods/exec. Any process on the node, and often any pod, can read its credentials.',
            caution: 'This changes nothing. Pods that ended since are not shown.',
            source: SOURCE,
          },
        ];
  return [
    {
      title: `Find the instance ${instance}, and isolate it`,
      command: `aws ec2 describe-instances --instance-ids ${quoted(instance)} --query 'Reservations[].Instances[].[InstanceId,PrivateIpAddress,PublicIpAddress,IamInstanceProfile.Arn]'`,
      effect:
        'Shows its addresses. If a source IP is none of these, nor that of its NAT gateway, somebody used the credentials elsewhere. ' +
        'Then drain the node, keep its volumes as evidence, and replace it.',
      caution:
        'This command changes nothing. A replaced instance gets other credentials, but those that were taken stay valid until they expire, after six hours at most.',
      source: SOURCE,
    },
    ...pods,
  ];
}
