import { type IamUser, ROLES, type Role, USERS, userArn } from './company.ts';

/** Returns staging's ConfigMap as kubectl prints it. Whoever it does not name uses an access entry. */
export function awsAuth(): string {
  return `apiVersion: v1
kind: ConfigMap
metadata:
  name: aws-auth
  namespace: kube-system
data:
  mapRoles: |
${mappedRole(ROLES.stagingNode, 'system:node:{{EC2PrivateDNSName}}', ['system:bootstrappers', 'system:nodes'])}
${mappedRole(ROLES.legacyOps, 'legacy-ops', ['ops'])}
  mapUsers: |
${mappedUser(USERS.breakGlass, 'admin', ['system:masters'])}
`;
}

/** Returns the entry of a role. The authenticator compares a role's ARN without its path. */
function mappedRole({ accountId, name }: Role, username: string, groups: readonly string[]): string {
  return entry('rolearn', `arn:aws:iam::${accountId}:role/${name}`, username, groups);
}

function mappedUser(user: IamUser, username: string, groups: readonly string[]): string {
  return entry('userarn', userArn(user), username, groups);
}

function entry(key: string, arn: string, username: string, groups: readonly string[]): string {
  const lines = [
    `- ${key}: ${arn}`,
    `  username: ${username}`,
    '  groups:',
    ...groups.map((group) => `    - ${group}`),
  ];
  return lines.map((line) => `    ${line}`).join('\n');
}
